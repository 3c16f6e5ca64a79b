import assert from 'node:assert/strict';
import { toCoverage, type CoverageFacts } from './coverage.js';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const live = { entity: 'user', status: 'live', createdAt: at(0), expiresAt: at(600) } as const;
const of = (fields: Partial<CoverageFacts>) =>
  toCoverage({
    from: at(100),
    to: at(103),
    subscriptions: [live],
    canaries: [{ at: at(103), since: at(0) }],
    usersDeltaEvery: 180_000,
    resumedAt: null,
    failed: false,
    ...fields,
  });

describe('toCoverage', () => {
  const cases: [string, Partial<CoverageFacts>, ReturnType<typeof toCoverage>][] = [
    ['a subscription that lived and a canary that came', {}, 'covered'],
    ['a long time with both', { to: at(200), canaries: [{ at: at(199), since: at(0) }] }, 'covered'],
    ['no canary known yet', { canaries: [] }, 'covered'],
    ['no subscription', { subscriptions: [] }, 'by-sweep'],
    ['one that was made in between', { subscriptions: [{ ...live, createdAt: at(101) }] }, 'by-sweep'],
    ['one that ended in between', { subscriptions: [{ ...live, expiresAt: at(102) }] }, 'by-sweep'],
    ['one of the group only', { subscriptions: [{ ...live, entity: 'group' }] }, 'by-sweep'],
    ['one that is missing', { subscriptions: [{ ...live, status: 'missing' }] }, 'by-sweep'],
    ['a canary that fell silent', { canaries: [{ at: at(99), since: at(0) }] }, 'by-sweep'],
    ['canaries that were missing for a while', { canaries: [{ at: at(103), since: at(102) }] }, 'by-sweep'],
    ['an app that is shut out', { subscriptions: [{ ...live, deliversSince: null }] }, 'by-sweep'],
    ['one that delivers again', { subscriptions: [{ ...live, deliversSince: at(101) }] }, 'by-sweep'],
    ['one that has delivered again for long', { subscriptions: [{ ...live, deliversSince: at(90) }] }, 'covered'],
    ['a sweep that failed once on the way', { failed: true }, 'by-sweep'],
    ['a secret that was broken for two hours', { from: at(-20), failed: true }, 'blind'],
    ['a pause of two hours', { from: at(-20), resumedAt: at(102) }, 'blind'],
    ['a short pause', { resumedAt: at(102) }, 'by-sweep'],
    ['a pause that was over before', { resumedAt: at(99) }, 'covered'],
    ['neither for a quarter of an hour', { to: at(115), canaries: [{ at: at(99), since: at(0) }] }, 'blind'],
    [
      'no subscription for long, where sweeps lie far apart',
      { to: at(130), subscriptions: [], usersDeltaEvery: 3_600_000 },
      'by-sweep',
    ],
  ];
  for (const [what, facts, state] of cases) it(`${what}: ${state}`, () => assert.equal(of(facts), state));

  /** Sweeps each 3 min for an hour; no canary arrives between the minutes `down`. */
  const ledger = (down: [number, number], sweepsAt: number[] = Array.from({ length: 20 }, (_, index) => index * 3)) => {
    const arrived = Array.from({ length: 60 }, (_, minute) => minute).filter(
      (minute) => minute < down[0] || minute >= down[1],
    );
    const canaryAt = (now: number) => {
      const past = arrived.filter((minute) => minute <= now);
      const since = past.findLast((minute, index) => index === 0 || minute - (past[index - 1] ?? 0) > 2) ?? 0;
      return { at: at(past.at(-1) ?? 0), since: at(since) };
    };
    return sweepsAt.slice(1).map((to, index) => {
      const from = sweepsAt[index] ?? 0;
      return { from, to, state: of({ from: at(from), to: at(to), canaries: [canaryAt(to)] }) };
    });
  };

  it('a receiver that is down for 15 minutes is a gap that closes', () => {
    const gap = ledger([20, 35]).filter(({ state }) => state !== 'covered');
    assert.ok(gap.every(({ state }) => state === 'by-sweep'));
    const [begins, ends] = [gap[0]!.from, gap.at(-1)!.to];
    assert.ok(begins >= 17 && begins <= 21, `begins at ${begins}`);
    assert.ok(ends >= 35 && ends <= 39, `ends at ${ends}`);
    assert.equal(gap.length, (ends - begins) / 3, 'in one piece');
  });

  it('a receiver and sweeps that are down together leave a blind time', () => {
    const states = ledger([20, 35], [0, 3, 18, 36, 39, 42, 45]).map(({ state }) => state);
    assert.deepEqual(states, ['covered', 'covered', 'blind', 'covered', 'covered', 'covered']);
  });
});
