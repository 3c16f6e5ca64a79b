import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toAge, toVerdict, type Verdict, type VerdictFacts } from './verdict.js';

const now = new Date('2026-03-01T12:00:00.000Z');
const MINUTE = 60_000;
const ago = (ms: number): string => new Date(now.getTime() - ms).toISOString();
const cursor = (kind: 'users' | 'group', agoMs: number, fields: object = {}) => ({
  kind,
  sweptAt: ago(agoMs),
  usable: true,
  everyMs: kind === 'users' ? 3 * MINUTE : 15_000,
  failing: null,
  ...fields,
});
const agesMs = Array.from({ length: 12 }, () => 40_000);
/** All is well, and something changed lately. */
const well: VerdictFacts = {
  settings: {
    state: 'active',
    features: { userSync: true, mfaVerification: true },
    groupId: 'g',
    startedAt: ago(100 * MINUTE),
  },
  isLoaded: true,
  isReading: false,
  cursors: [cursor('users', MINUTE), cursor('group', 10_000)],
  mfaReadAt: ago(30 * MINUTE),
  hasNotifications: true,
  canaries: { partitions: 12, agesMs },
  backlog: { oldestMs: 0, stuckMs: 0, waiting: 0 },
  measured: 7,
  heldBack: [],
  isGroupGone: false,
  leftAt: null,
};
const heldBack = (service: string, passing: boolean) => ({ service, since: ago(2 * MINUTE), why: 'Wait.', passing });
const mfaOnly = { ...well.settings, features: { userSync: false, mfaVerification: true } };
const silent = { partitions: 12, agesMs: agesMs.map(() => 10 * MINUTE) };
const sweptLongAgo = [cursor('users', 30 * MINUTE), cursor('group', 10_000)];

type Case = [what: string, facts: Partial<VerdictFacts>, verdict: Verdict | null, reason: RegExp];
const CASES: Case[] = [
  ['all is well', {}, 'fresh', /Changes come through/],
  ['idle: nothing changed, the canary sings', { measured: 0 }, 'fresh', /No changes .*probe came through 40 s ago/],
  ['something waits, for a moment', { backlog: { oldestMs: 2_000, stuckMs: 1_000, waiting: 9 } }, 'fresh', /./],
  ['a burst is worked off', { backlog: { oldestMs: 90_000, stuckMs: 2_000, waiting: 900 } }, 'catching-up', /90 s/],
  ['nothing moves', { backlog: { oldestMs: 90_000, stuckMs: 70_000, waiting: 9 } }, 'stalled', /nothing moved/],
  [
    'dead: events wait and no canary comes',
    { canaries: silent, backlog: { oldestMs: 90_000, stuckMs: 0, waiting: 9 } },
    'stalled',
    /No probe .* 10 min/,
  ],
  ['dead: no canary comes, sweeps go on', { canaries: silent }, 'catching-up', /may not reach us/],
  ['dead: no canary, no sweep', { canaries: silent, cursors: sweptLongAgo }, 'blind', /30 min ago. Notifications are/],
  [
    'one partition is stuck',
    { canaries: { partitions: 12, agesMs: [...agesMs.slice(1), 10 * MINUTE] } },
    'catching-up',
    /1 of 12/,
  ],
  [
    'a partition never had a canary',
    { canaries: { partitions: 12, agesMs: agesMs.slice(1) } },
    'catching-up',
    /1 of 12/,
  ],
  ['no canary ever: no data', { canaries: { partitions: 12, agesMs: [] } }, 'blind', /No probe has come through yet/],
  ['Kafka is silent: no data', { backlog: null }, 'blind', /Kafka/],
  ['sweeps are late, notifications come', { cursors: sweptLongAgo }, 'catching-up', /people were last followed 30 min/],
  ['sweeps are late, no subscription', { cursors: sweptLongAgo, hasNotifications: false }, 'blind', /last followed/],
  ['sweeps go on, no subscription', { hasNotifications: false }, 'catching-up', /by sweep, each 3 min/],
  ['the token is gone', { cursors: [cursor('users', MINUTE, { usable: false })] }, 'catching-up', /no delta token/],
  ['no cursor: no data', { cursors: [], hasNotifications: false }, 'blind', /no delta token/],
  [
    'the group is late',
    { cursors: [cursor('users', MINUTE), cursor('group', 5 * MINUTE)] },
    'catching-up',
    /the group/,
  ],
  ['the group is not followed', { cursors: [cursor('users', MINUTE)] }, 'catching-up', /group are not followed/],
  ['the first load runs', { isLoaded: false, isReading: true, cursors: [] }, 'catching-up', /under way/],
  [
    'just started',
    { isLoaded: false, cursors: [], settings: { ...well.settings, startedAt: ago(5_000) } },
    'catching-up',
    /about to begin/,
  ],
  ['the first load never ended', { isLoaded: false, cursors: [] }, 'blind', /no complete first load/],
  ['MFA alone, read in time', { settings: mfaOnly, cursors: [], hasNotifications: false }, 'fresh', /./],
  ['MFA alone, read long ago', { settings: mfaOnly, cursors: [], mfaReadAt: ago(300 * MINUTE) }, 'blind', /report/],
  ['MFA alone, never read', { settings: mfaOnly, cursors: [], mfaReadAt: null }, 'blind', /report/],
  ['people wait for a sweep, for a moment', { leftAt: ago(5_000) }, 'fresh', /./],
  ['people wait for a sweep', { leftAt: ago(40_000) }, 'catching-up', /announced are not read yet: .* for 40 s\.$/],
  [
    'a sweep failed once',
    { cursors: [cursor('users', MINUTE, { failing: { count: 1, why: 'Wait.' } }), cursor('group', 10_000)] },
    'fresh',
    /./,
  ],
  [
    'sweeps fail, and nobody waits for them',
    { cursors: [cursor('users', MINUTE), cursor('group', 10_000, { failing: { count: 2, why: 'Wait.' } })] },
    'catching-up',
    /^Following the changes of the group failed 2 times in a row: Wait\.$/,
  ],
  [
    'sweeps fail, and people wait for them, while probes come',
    {
      leftAt: ago(40_000),
      cursors: [cursor('users', MINUTE, { failing: { count: 3, why: 'Wait.' } }), cursor('group', 10_000)],
    },
    'stalled',
    /wait for a sweep/,
  ],
  [
    'one service is throttled',
    { heldBack: [heldBack('projector', true)] },
    'catching-up',
    /^Reads of the projector are held back for 2 min: Wait\.$/,
  ],
  [
    'both are throttled',
    { heldBack: [heldBack('projector', true), heldBack('reconciler', true)] },
    'stalled',
    /projector and the reconciler are held/,
  ],
  [
    'the secret is refused, while notifications and probes come',
    { heldBack: [heldBack('reconciler', false)] },
    'blind',
    /^Microsoft refuses to be read for 2 min: Wait\.$/,
  ],
  ['the chosen group is gone', { isGroupGone: true }, 'stalled', /group was deleted: who is in scope stays so/],
  [
    'a group is gone, and none is chosen',
    { isGroupGone: true, settings: { ...well.settings, groupId: null }, cursors: [cursor('users', MINUTE)] },
    'fresh',
    /./,
  ],
  ['paused', { settings: { ...well.settings, state: 'paused' } }, 'blind', /Paused/],
  ['a draft', { settings: { ...well.settings, state: 'draft' } }, null, /./],
  ['removed', { settings: { ...well.settings, state: 'removed' } }, null, /./],
];

describe('toVerdict', () => {
  for (const [what, facts, verdict, reason] of CASES)
    it(`${what}: ${verdict ?? 'none'}`, () => {
      const view = toVerdict({ ...well, ...facts }, now);
      assert.equal(view?.verdict ?? null, verdict);
      if (view) assert.match(view.reasons[0] ?? '', reason);
    });

  it('says "fresh" only on proof: a canary through every partition, Kafka known, a sweep in time', () => {
    const age = fc.integer({ min: 0, max: 20 * MINUTE });
    fc.assert(
      fc.property(
        fc.record({
          isLoaded: fc.boolean(),
          isReading: fc.boolean(),
          hasNotifications: fc.boolean(),
          measured: fc.nat(3),
          cursors: fc.array(
            age.map((ms) => cursor('users', ms)),
            { maxLength: 1 },
          ),
          canaries: fc.record({ partitions: fc.constant(12), agesMs: fc.array(age, { maxLength: 12 }) }),
          backlog: fc.option(fc.record({ oldestMs: age, stuckMs: age, waiting: fc.nat(2) })),
        }),
        (facts) => {
          const view = toVerdict({ ...well, ...facts }, now);
          assert.ok(view && view.reasons.length > 0);
          if (view.verdict !== 'fresh') return;
          assert.equal(facts.canaries.agesMs.length, 12);
          assert.ok(facts.isLoaded && facts.hasNotifications && facts.backlog !== null && facts.cursors.length > 0);
        },
      ),
    );
  });

  it('tells ages in words', () => {
    assert.deepEqual([40_400, 12 * MINUTE, 5 * 60 * MINUTE, 72 * 60 * MINUTE].map(toAge), [
      '40 s',
      '12 min',
      '5 h',
      '3 days',
    ]);
  });
});
