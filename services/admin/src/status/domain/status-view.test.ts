import assert from 'node:assert/strict';
import { LAG_BOUNDS_MS, toLagBucket, type CursorRecord } from '@muster/contracts';
import { toSettings } from '@muster/test-support';
import { toBacklog } from './backlog.js';
import { toNotices } from './notices.js';
import { toPipelineView } from './pipeline-view.js';
import {
  toCountsView,
  toIntegrationCondition,
  toVerdictFacts,
  type IntegrationFacts,
  type SharedFacts,
} from './status-view.js';
import { CANARY_LATE_MS, toVerdict } from './verdict.js';

const now = new Date('2026-01-01T12:00:00Z');
const ago = (ms: number): string => new Date(now.getTime() - ms).toISOString();
const none = LAG_BOUNDS_MS.map(() => 0);
const counted = (...ms: number[]): number[] => {
  const counts = [...none, 0];
  for (const one of ms) counts[toLagBucket(one)]! += 1;
  return counts;
};
const settings = toSettings({
  ...{ integrationId: 'i', name: 'A', tenantId: 't', clientId: 'c', cloud: 'global', activeSlot: 'a' },
  secrets: [{ slot: 'a', sealed: 'hush', hint: '1234', expiresAt: ago(-400 * 86_400_000), addedAt: ago(0) }],
  ...{ createdAt: ago(0), updatedAt: ago(0), startedAt: ago(0) },
});
const facts: IntegrationFacts = {
  settings,
  subscriptions: [],
  cursors: [],
  loss: { announced: 0, lost: 0, share: null, worstDelayMs: 0, open: 0 },
  lostRecently: 0,
  plansWaiting: 0,
  leftAt: null,
  health: [],
  snapshots: { users: null, mfa: null },
  complete: { users: null, mfa: null },
  lag: {
    graph: none,
    kafka: counted(4, 4, 4, 700),
    read: none,
    document: none,
    feed: none,
    ours: none,
    total: counted(9e9),
  },
};
const people = { active: 8, disabled: 2, deleted: 1, 'out-of-scope': 3, inGroup: 9, ssoEnabled: 8 };
const mfa = { capable: 5, registered: 1, 'not-registered': 1, unknown: 0 };
const shared: SharedFacts = { canaries: { partitions: 12, agesMs: [] }, backlog: null };

describe('status of an integration', () => {
  it('quarantine is told in words, once for each cause, and not when it was left behind long ago', () => {
    const row = (service: string, until: string) => ({
      ...{ integrationId: 'i', service, state: 'quarantined' as const, since: ago(60_000), until, count: 2 },
      failure: { code: 'graph.throttled', message: 'Graph asks to wait.' },
    });
    const health = [
      row('reconciler', ago(-5_000)),
      row('projector', ago(5_000)),
      row('admin', ago(3_600_000)),
      { ...row('subscription', ago(0)), state: 'well' as const, failure: null },
    ];
    const view = toIntegrationCondition({ ...facts, health }, shared, now);
    assert.deepEqual(
      view.quarantined.map(({ service }) => service),
      ['reconciler', 'projector'],
    );
    const told = view.notices.filter(({ text }) => /quarantine/.test(text));
    assert.equal(told.length, 1);
    assert.match(told[0]!.text, /projector, reconciler to Microsoft are held back, since Graph asks to wait/);
    assert.match(told[0]!.cure, /ends by itself/);
  });

  it('people are those who are there; lag is told as upper bounds, and as nothing where nothing was measured', () => {
    const view = toIntegrationCondition(facts, shared, now);
    assert.equal(toCountsView(people, mfa).people.total, 10);
    const lag = Object.fromEntries(view.lag.map(({ step, count, p50, p99 }) => [step, [count, p50, p99]]));
    assert.deepEqual(lag.kafka, [4, 5, 1_000]);
    assert.deepEqual(lag.graph, [0, null, null]);
    assert.deepEqual(lag.total, [1, 14_400_000, 14_400_000]);
  });

  it('whoever is there without a row in the MFA report is unknown, never "no MFA"', () => {
    assert.equal(toCountsView(people, mfa).mfa.unknown, 3);
  });

  it('says how far it can be trusted, with reasons', () => {
    const view = toIntegrationCondition(facts, shared, now);
    assert.equal(view.verdict?.verdict, 'blind');
    assert.ok(view.verdict.reasons.some((reason) => reason.startsWith('Kafka does not answer')));
  });

  it('tells when a pause ended, and null where none did', () => {
    const resumedOf = (resumedAt?: string) =>
      toIntegrationCondition({ ...facts, settings: { ...settings, resumedAt } }, shared, now).resumedAt;
    assert.deepEqual([resumedOf(), resumedOf(ago(1))], [null, ago(1)]);
  });

  it('nothing sealed is in it', () => {
    assert.ok(!JSON.stringify(toIntegrationCondition(facts, shared, now)).includes('hush'));
  });

  it('an integration that is well has nothing to say', () => {
    const live = { resource: 'users', status: 'live' as const, failure: null, expiresAt: ago(-1_000) };
    assert.deepEqual(toNotices({ ...facts, subscriptions: [live] }, now), []);
  });

  it('each subscription that is not live says why and what follows', () => {
    const failure = { code: 'x', message: 'Because.', at: ago(0), count: 1 };
    const levels = (['missing', 'refused', 'slot-taken', 'live'] as const).map((status) => {
      const one = { resource: 'users', status, failure, expiresAt: ago(1) };
      const [notice, ...more] = toNotices({ ...facts, subscriptions: [one] }, now);
      assert.equal(more.length, 0);
      return [status, notice?.level];
    });
    assert.deepEqual(levels, [
      ['missing', 'problem'],
      ['refused', 'remark'],
      ['slot-taken', 'remark'],
      ['live', 'problem'],
    ]);
  });

  it('a secret that ends soon is a remark, one that has ended a problem', () => {
    const ending = (expiresAt: string) =>
      toNotices({ ...facts, settings: { ...settings, secrets: [{ ...settings.secrets[0]!, expiresAt }] } }, now);
    assert.deepEqual(
      ending(ago(-10 * 86_400_000)).map(({ level }) => level),
      ['remark'],
    );
    assert.deepEqual(
      ending(ago(1)).map(({ level }) => level),
      ['problem'],
    );
  });

  it('says loudly that removals wait for somebody', () => {
    const [notice] = toNotices({ ...facts, plansWaiting: 1 }, now);
    assert.equal(notice?.level, 'problem');
    assert.match(notice.cure, /muster plans/);
  });

  it('a failed full read is a problem', () => {
    const users = { state: 'failed' as const, failure: { code: 'x', message: 'Because.' } };
    const [notice] = toNotices({ ...facts, snapshots: { users, mfa: null } }, now);
    assert.equal(notice?.text, 'The last full read of users failed. Because.');
  });
});

describe('status of the pipeline', () => {
  const one = { partition: 3, committedOffset: '7', ageMs: 900 };
  const log = {
    backlog: toBacklog(
      new Map(),
      [
        { ...one, topic: 'notifications', waiting: 2 },
        { ...one, topic: 'observations', waiting: 3, ageMs: 1_200 },
      ],
      now.getTime(),
    ),
    topics: ['notifications', 'observations'],
    deadLetters: 1,
    replayed: 1,
  };
  const canariesOf = (ageMs: number) =>
    Array.from({ length: 12 }, (_, partition) => ({ partition, at: ago(ageMs), ms: partition }));

  it('adds up what waits and takes the worst canary', () => {
    const view = toPipelineView({ canaries: canariesOf(1_000), log, anyActive: true }, now);
    assert.deepEqual(
      [view.projector?.waiting, view.projector?.oldestMs, view.deadLetters, view.deadLettersOpen],
      [5, 1_200, 1, 0],
    );
    assert.deepEqual(view.projector?.topics, [
      { topic: 'notifications', waiting: 2 },
      { topic: 'observations', waiting: 3 },
    ]);
    assert.deepEqual([view.canaries.oldestAgeMs, view.canaries.slowestMs, view.notices], [1_000, 11, []]);
  });

  it('Kafka away is told, not shown as zero', () => {
    const view = toPipelineView({ canaries: canariesOf(0), log: { unavailable: 'refused' }, anyActive: true }, now);
    assert.deepEqual([view.projector, view.deadLetters], [null, null]);
    assert.match(view.notices[0]?.text ?? '', /Kafka does not answer: refused/);
  });

  it('late canaries are a problem only while something should flow', () => {
    const canaries = canariesOf(CANARY_LATE_MS + 1);
    const texts = (anyActive: boolean) =>
      toPipelineView({ canaries, log, anyActive }, now).notices.map(({ text }) => text);
    assert.deepEqual(texts(true), ['Nothing comes through: the last canary is 3 min old.']);
    assert.deepEqual(texts(false), []);
    const [first, ...rest] = canariesOf(0);
    const one = toPipelineView(
      { canaries: [{ ...first!, at: ago(CANARY_LATE_MS + 1) }, ...rest], log, anyActive: true },
      now,
    );
    assert.equal(one.notices[0]?.text, 'No fresh canary came through 1 of 12 partitions.');
  });
});

describe('a cursor that proves nothing', () => {
  const withGroup = { ...settings, groupId: 'g' };
  const cursor = (kind: CursorRecord['kind'], over: Partial<CursorRecord> = {}): CursorRecord => ({
    integrationId: 'i',
    tenantId: 't',
    kind,
    groupId: 'g',
    links: [{ deltaLink: 'https://graph/delta', groupIds: [] }],
    tree: [],
    takenAt: ago(10_000),
    sweptAt: ago(10_000),
    baselineSnapshotId: null,
    baselineEndedAt: ago(60_000),
    resetAt: null,
    failure: null,
    revision: 1,
    ...over,
  });
  const read = { state: 'complete', startedAt: ago(60_000) } as NonNullable<IntegrationFacts['complete']['users']>;
  const live = { entity: 'user', status: 'live', expiresAt: ago(-1) } as IntegrationFacts['subscriptions'][number];
  const well: SharedFacts = {
    canaries: { partitions: 2, agesMs: [1_000, 2_000] },
    backlog: toBacklog(new Map(), [], now.getTime()),
  };
  const verdictOf = (over: Partial<IntegrationFacts>, common = well) =>
    toVerdict(
      toVerdictFacts(
        {
          ...facts,
          settings: withGroup,
          cursors: [cursor('users'), cursor('group')],
          snapshots: { users: read, mfa: null },
          complete: { users: read, mfa: null },
          subscriptions: [live],
          ...over,
        },
        common,
        now,
      ),
      now,
    )?.verdict;

  it('is none: fresh', () => assert.equal(verdictOf({}), 'fresh'));

  it('a subscription that has run out brings no notifications: not fresh', () =>
    assert.equal(verdictOf({ subscriptions: [{ ...live, expiresAt: ago(0) }] }), 'catching-up'));

  it('what full reads told waits for minutes: fresh still, but for who is read whole now', () => {
    const late = { partition: 3, committedOffset: '7', waiting: 900, ageMs: 300_000 };
    const waitingOn = (topic: string) => ({
      ...well,
      backlog: toBacklog(new Map(), [{ ...late, topic }], now.getTime()),
    });
    assert.equal(verdictOf({}, waitingOn('observations')), 'fresh');
    assert.equal(verdictOf({}, waitingOn('sweeps')), 'catching-up');
    const mfa = { state: 'published' } as typeof read;
    assert.equal(verdictOf({ snapshots: { users: read, mfa } }, waitingOn('observations')), 'catching-up');
  });

  it('reads that are refused, or a chosen group that is gone, are never fresh', () => {
    const row = (service: string, code: string) => ({
      ...{ integrationId: 'i', service, state: 'quarantined' as const, since: ago(60_000), until: ago(-1), count: 2 },
      failure: { code, message: 'Refused.' },
    });
    assert.equal(verdictOf({ health: [row('reconciler', 'graph.sign-in-refused')] }), 'blind');
    assert.equal(verdictOf({ health: [row('projector', 'graph.throttled')] }), 'catching-up');
    assert.equal(verdictOf({ health: [row('subscription', 'graph.sign-in-refused')] }), 'fresh');
    const gone = cursor('group', { deletedGroups: [{ groupId: 'g', at: ago(60_000) }] });
    assert.equal(verdictOf({ cursors: [cursor('users'), gone] }), 'stalled');
  });

  const cases: [string, Partial<IntegrationFacts>][] = [
    ['of another tenant', { cursors: [cursor('users', { tenantId: 'other' }), cursor('group')] }],
    ['of another group than the chosen one', { settings: { ...withGroup, groupId: 'new' } }],
    ['of no group', { cursors: [cursor('users')] }],
    [
      'of a first load that was not told yet',
      { cursors: [cursor('users', { baselineEndedAt: null }), cursor('group')] },
    ],
    ['without a link to go on from', { cursors: [cursor('users', { links: [] }), cursor('group')] }],
  ];
  for (const [what, over] of cases) it(`${what}: not fresh`, () => assert.equal(verdictOf(over), 'catching-up'));
});
