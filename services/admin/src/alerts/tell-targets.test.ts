import assert from 'node:assert/strict';
import type { AlertRecord, AlertTargetKind } from '@muster/contracts';
import { createLogger } from '@muster/telemetry';
import { eventually } from '@muster/test-support';
import { Untold } from './message.js';
import { tellTargets } from './tell-targets.js';

const at = new Date('2026-01-01T12:00:00Z').toISOString();
const delivery = (alertId: string, target: AlertTargetKind) => ({
  ...{ messageId: `${alertId}/${target}`, target, event: 'firing' as const, text: '', at },
  ...{ tries: 0, nextAt: at, failure: null },
});
const record = (alertId: string): AlertRecord => ({
  ...{ alertId, rule: 'drift', integrationId: null, state: 'firing', level: 'problem', step: 0, text: '' },
  ...{ since: at, firedAt: at, resolvedAt: null, revision: 1 },
  untold: [delivery(alertId, 'webhook'), delivery(alertId, 'email')],
});

describe('telling targets', () => {
  function setUp(webhook: () => Promise<void>) {
    const told: string[] = [];
    const kept = new Map(['a', 'b', 'c'].map((id) => [id, record(id)]));
    const telling = (mayGoOn: () => Promise<boolean> = () => Promise.resolve(true)) =>
      tellTargets([...kept.values()], {
        store: {
          alerts: {
            save: (after) => {
              if (after.revision !== (kept.get(after.alertId)?.revision ?? 0) + 1) return Promise.resolve(false);
              kept.set(after.alertId, after);
              return Promise.resolve(true);
            },
          },
          integrations: { get: () => Promise.resolve(null) },
        },
        targets: null,
        ...{ mayGoOn, toRunbook: (rule: string) => rule, sealer: { open: (text: string) => text }, privateHosts: [] },
        open:
          (_targets, kind) =>
          async ({ id }) => {
            told.push(id);
            if (kind === 'webhook') await webhook();
          },
        now: () => new Date(at),
        logger: createLogger({ service: 'admin', level: 'silent' }),
      });
    const waiting = () => [...kept.values()].flatMap(({ untold }) => untold.map(({ messageId }) => messageId));
    return { told, kept, telling, waiting };
  }

  it('a slow target keeps the other one waiting for nothing', async () => {
    let answer = (): void => undefined;
    const { told, waiting, telling } = setUp(() => new Promise((resolve) => (answer = resolve)));
    const look = telling();
    await eventually(() => waiting().every((id) => id.endsWith('webhook')));
    assert.deepEqual(
      told.filter((id) => id.endsWith('email')),
      ['a/email', 'b/email', 'c/email'],
    );
    assert.deepEqual(waiting(), ['a/webhook', 'b/webhook', 'c/webhook']);
    await eventually(() => {
      answer();
      return waiting().length === 0;
    });
    await look;
  });

  it('a target that fails is left alone for the rest of the look; what the other one got is kept', async () => {
    const { told, kept, waiting, telling } = setUp(() => Promise.reject(new Untold('away')));
    await telling();
    assert.deepEqual(
      told.filter((id) => id.endsWith('webhook')),
      ['a/webhook'],
    );
    assert.deepEqual(waiting(), ['a/webhook', 'b/webhook', 'c/webhook']);
    const [first, second] = ['a', 'b'].map((id) => kept.get(id)!.untold[0]!);
    assert.deepEqual([first!.tries, first!.failure, second!.tries], [1, 'away', 0]);
  });

  it('stops where another copy watches', async () => {
    const { told, telling } = setUp(() => Promise.resolve());
    await telling(() => Promise.resolve(false));
    assert.deepEqual(told, []);
  });
});
