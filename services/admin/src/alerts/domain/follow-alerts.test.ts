import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AlertRecord } from '@muster/contracts';
import { afterTry, followAlerts, listDue } from './follow-alerts.js';
import { RULES, type Finding, type RuleId } from './rules.js';

const START = Date.parse('2026-01-01T12:00:00Z');
const targets = ['webhook', 'email'] as const;
const finding = (rule: RuleId, holds: boolean | null, step = 0): Finding => ({
  ...{ rule, integrationId: null, holds, step, text: `${rule} ${step}` },
  level: 'problem',
});

/** Looks one after the other, each at its second; what is kept after the last, and everything that was to be told. */
function follow(looks: readonly { at: number; findings: readonly Finding[] }[]) {
  let kept = new Map<string, AlertRecord>();
  const told: string[] = [];
  for (const { at, findings } of looks) {
    const now = new Date(START + at * 1_000);
    const { save, remove } = followAlerts([...kept.values()], findings, { now, targets });
    kept = new Map([...kept].filter(([alertId]) => !remove.includes(alertId)));
    for (const record of save) {
      assert.equal(record.revision, (kept.get(record.alertId)?.revision ?? 0) + 1);
      told.push(
        ...record.untold.filter(({ target }) => target === 'webhook').map(({ event, text }) => `${event} ${text}`),
      );
      kept.set(record.alertId, { ...record, untold: [] });
    }
  }
  return { kept: [...kept.values()], told };
}

describe('following alerts', () => {
  it('is told when it has held for long enough, and when it is over, once each', () => {
    const { told, kept } = follow([
      { at: 0, findings: [finding('oldest-unprocessed', true)] },
      { at: 299, findings: [finding('oldest-unprocessed', true)] },
      { at: 300, findings: [finding('oldest-unprocessed', true)] },
      { at: 315, findings: [finding('oldest-unprocessed', true)] },
      { at: 330, findings: [finding('oldest-unprocessed', false)] },
      { at: 345, findings: [finding('oldest-unprocessed', false)] },
    ]);
    assert.deepEqual(told, ['firing oldest-unprocessed 0', 'resolved oldest-unprocessed 0']);
    assert.equal(kept[0]?.state, 'resolved');
  });

  it('what passes before that is never told', () => {
    const { told, kept } = follow([
      { at: 0, findings: [finding('oldest-unprocessed', true)] },
      { at: 200, findings: [finding('oldest-unprocessed', false)] },
      { at: 400, findings: [finding('oldest-unprocessed', true)] },
    ]);
    assert.deepEqual([told, kept[0]?.state], [[], 'pending']);
  });

  it('what cannot be told changes nothing', () => {
    const { told, kept } = follow([
      { at: 0, findings: [finding('plan-waits', true)] },
      { at: 15, findings: [finding('plan-waits', null)] },
    ]);
    assert.deepEqual([told, kept[0]?.state], [['firing plan-waits 0'], 'firing']);
  });

  it('is told again when it gets more pressing, not when it gets less', () => {
    const steps = [0, 1, 1, 0, 1].map((step, index) => ({
      at: index,
      findings: [finding('secret-ending', true, step)],
    }));
    assert.deepEqual(follow(steps.slice(0, 4)).told, ['firing secret-ending 0', 'firing secret-ending 1']);
  });

  it('nobody asks any more: it is over', () => {
    const { told } = follow([
      { at: 0, findings: [finding('plan-waits', true)] },
      { at: 15, findings: [] },
    ]);
    assert.deepEqual(told, ['firing plan-waits 0', 'resolved plan-waits 0']);
  });

  it('whatever comes: firing and resolved alternate, and nothing fires before its time', () => {
    const rules = ['oldest-unprocessed', 'plan-waits', 'canary-absent'] as const;
    const look = fc.record({
      after: fc.integer({ min: 1, max: 200 }),
      holds: fc.tuple(...rules.map(() => fc.constantFrom(true, false, null))),
    });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 40 }), (looks) => {
        let at = 0;
        const { told, kept } = follow(
          looks.map(({ after, holds }) => ({
            at: (at += after),
            findings: rules.map((rule, index) => finding(rule, holds[index] ?? null)),
          })),
        );
        for (const rule of rules) {
          const events = told.filter((one) => one.includes(rule)).map((one) => one.split(' ')[0]);
          events.forEach((event, index) => assert.equal(event, index % 2 === 0 ? 'firing' : 'resolved'));
        }
        for (const { firedAt, since, rule } of kept)
          if (firedAt !== null) assert.ok(Date.parse(firedAt) - Date.parse(since) >= RULES[rule as RuleId].forMs, rule);
      }),
    );
  });
});

describe('telling', () => {
  const delivery = {
    ...{ messageId: 'm', target: 'webhook' as const, event: 'firing' as const, text: 't', tries: 0, failure: null },
    ...{ at: new Date(START).toISOString(), nextAt: new Date(START).toISOString() },
  };

  it('is tried again later each time, for a day', () => {
    let left: typeof delivery | null = delivery;
    let tries = 0;
    let now = START;
    while (left) {
      now = Math.max(now, Date.parse(left.nextAt));
      left = afterTry(left, 'no answer', new Date(now)) as typeof delivery | null;
      tries += 1;
    }
    assert.ok(tries >= 25 && tries <= 35, String(tries));
    assert.ok(now - START > 23 * 3_600_000);
    assert.equal(afterTry(delivery, null, new Date(START)), null);
  });

  it('keeps the order for each target', () => {
    const later = { ...delivery, messageId: 'n', event: 'resolved' as const };
    const waiting = { ...delivery, nextAt: new Date(START + 10_000).toISOString() };
    const mail = { ...delivery, messageId: 'o', target: 'email' as const };
    const due = (untold: (typeof delivery)[]) =>
      listDue({ untold } as AlertRecord, new Date(START)).map(({ messageId }) => messageId);
    assert.deepEqual(due([delivery, later] as never), ['m']);
    assert.deepEqual(due([waiting, later, mail] as never), ['o']);
  });
});
