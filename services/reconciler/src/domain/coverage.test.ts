import assert from 'node:assert/strict';
import { toCoverage, type CoverageFacts } from './coverage.js';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const live = { entity: 'user', status: 'live', createdAt: at(0), expiresAt: at(600) } as const;
const of = (fields: Partial<CoverageFacts>) =>
  toCoverage({
    from: at(100),
    to: at(103),
    subscriptions: [live],
    canaries: [{ at: at(103) }],
    usersDeltaEvery: 180_000,
    ...fields,
  });

describe('toCoverage', () => {
  const cases: [string, Partial<CoverageFacts>, ReturnType<typeof toCoverage>][] = [
    ['a subscription that lived and a canary that came', {}, 'covered'],
    ['a long time with both', { to: at(200), canaries: [{ at: at(199) }] }, 'covered'],
    ['no canary known yet', { canaries: [] }, 'covered'],
    ['no subscription', { subscriptions: [] }, 'by-sweep'],
    ['one that was made in between', { subscriptions: [{ ...live, createdAt: at(101) }] }, 'by-sweep'],
    ['one that ended in between', { subscriptions: [{ ...live, expiresAt: at(102) }] }, 'by-sweep'],
    ['one of the group only', { subscriptions: [{ ...live, entity: 'group' }] }, 'by-sweep'],
    ['one that is missing', { subscriptions: [{ ...live, status: 'missing' }] }, 'by-sweep'],
    ['a canary that fell silent', { canaries: [{ at: at(99) }] }, 'by-sweep'],
    ['neither for a quarter of an hour', { to: at(115), canaries: [{ at: at(99) }] }, 'blind'],
    [
      'no subscription for long, where sweeps lie far apart',
      { to: at(130), subscriptions: [], usersDeltaEvery: 3_600_000 },
      'by-sweep',
    ],
  ];
  for (const [what, facts, state] of cases) it(`${what}: ${state}`, () => assert.equal(of(facts), state));
});
