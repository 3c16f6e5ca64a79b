import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { toPlanSummary, type CursorRecord, type PlanRecord, type SweepRecord } from '@muster/contracts';
import { createResources, patiently, testServers } from '@muster/test-support';
import { connectStore, type Store } from '../src/index.js';
import { at, insert, silent, user } from './fixtures.js';

describe('cursors, plans and coverage in MongoDB', () => {
  const resources = createResources('deltas', testServers().mongodbUri);
  let store: Store;
  before(async () => {
    store = await patiently(() => connectStore({ uri: resources.mongodbUri, logger: silent }));
  });
  after(async () => {
    await store.close();
    await resources.remove();
  });

  const cursor = (fields: Partial<CursorRecord> = {}): CursorRecord => ({
    integrationId: randomUUID(),
    tenantId: randomUUID(),
    kind: 'users',
    groupId: null,
    links: [{ deltaLink: 'https://graph.test/delta', groupIds: [] }],
    tree: [],
    takenAt: at(0),
    sweptAt: at(0),
    baselineSnapshotId: null,
    baselineEndedAt: null,
    resetAt: null,
    failure: null,
    revision: 1,
    ...fields,
  });

  it('keeps a cursor a kind, and of two who save at once one wins', async () => {
    const first = cursor();
    const group = { ...first, kind: 'group' as const };
    assert.equal(await store.cursors.get(first.integrationId, 'users'), null);
    const saved = await Promise.all([store.cursors.save(first), store.cursors.save(first), store.cursors.save(group)]);
    assert.deepEqual(saved.sort(), [false, true, true]);
    const next = { ...first, revision: 2, takenAt: at(5) };
    const raced = await Promise.all([store.cursors.save(next), store.cursors.save({ ...next, takenAt: at(6) })]);
    assert.deepEqual(raced.sort(), [false, true]);
    assert.equal((await store.cursors.get(first.integrationId, 'users'))?.revision, 2);
    assert.deepEqual(await store.cursors.get(first.integrationId, 'group'), group);
    const kinds = (await store.cursors.all()).filter(({ integrationId }) => integrationId === first.integrationId);
    assert.deepEqual(kinds.map(({ kind }) => kind).sort(), ['group', 'users']);
    const own = await store.cursors.ofIntegration(first.integrationId);
    assert.deepEqual(own.map(({ kind }) => kind).sort(), ['group', 'users']);
  });

  it('lists plans by integration and state, newest first', async () => {
    const integrationId = randomUUID();
    const plan = (minute: number, state: PlanRecord['state']): PlanRecord => ({
      planId: `plan-${integrationId}-${minute}`,
      integrationId,
      tenantId: randomUUID(),
      groupId: null,
      reason: 'too many at once',
      candidates: [{ userId: randomUUID(), why: 'absent', state: 'waiting' }],
      inScope: 10,
      state,
      createdAt: at(minute),
      updatedAt: at(minute),
      decidedAt: null,
      decidedBy: null,
    });
    const plans = [plan(1, 'done'), plan(2, 'waiting'), plan(3, 'refused')];
    for (const one of plans) await store.plans.save(one);
    await store.plans.save({ ...plan(4, 'waiting'), integrationId: randomUUID() });
    const list = async (states?: PlanRecord['state'][]) =>
      store.plans.list({ integrationIds: [integrationId], ...(states ? { states } : {}), limit: 10 });
    assert.deepEqual(await list(), plans.toReversed());
    assert.deepEqual(await list(['waiting', 'done']), [plans[1], plans[0]]);
    const summaries = await store.plans.summaries({ integrationIds: [integrationId], limit: 2 });
    assert.deepEqual(summaries, [plans[2]!, plans[1]!].map(toPlanSummary));
    const { planId, groupId, state, updatedAt } = plans[1]!;
    const heads = (await store.plans.heads(['waiting'])).filter((head) => head.planId === planId);
    assert.deepEqual(heads, [{ planId, integrationId: plans[1]!.integrationId, groupId, state, updatedAt }]);
    await store.plans.save({ ...plans[1]!, state: 'refused' });
    assert.deepEqual((await list(['waiting'])).length, 0);
    assert.equal((await store.plans.get(plans[1]!.planId))?.state, 'refused');
    assert.equal(await store.plans.get('no such plan'), null);
  });

  it('keeps the later of two edits of a plan, and the first of two new ones', async () => {
    const plan: PlanRecord = {
      ...{
        planId: randomUUID(),
        integrationId: randomUUID(),
        tenantId: randomUUID(),
        groupId: null,
        reason: 'too many',
      },
      ...{ candidates: [], inScope: 10, state: 'waiting', createdAt: at(0), updatedAt: at(0) },
      ...{ decidedAt: null, decidedBy: null },
    };
    assert.deepEqual([await store.plans.save(plan, null), await store.plans.save(plan, null)], [true, false]);
    assert.equal(await store.plans.save({ ...plan, state: 'refused', updatedAt: at(2) }, at(0)), true);
    assert.equal(await store.plans.save({ ...plan, state: 'allowed', updatedAt: at(1) }, at(0)), false);
    assert.equal((await store.plans.get(plan.planId))?.state, 'refused');
  });

  it('counts the people of a plan as they were at its updatedAt, while it grows', async () => {
    const integrationId = randomUUID();
    const grown = (people: number): PlanRecord => ({
      ...{ planId: integrationId, integrationId, tenantId: randomUUID(), groupId: null, reason: 'too many at once' },
      ...{ inScope: 500, state: 'waiting', createdAt: at(0), updatedAt: at(people), decidedAt: null, decidedBy: null },
      candidates: Array.from({ length: people }, () => ({ userId: randomUUID(), why: 'absent', state: 'waiting' })),
    });
    for (let people = 1; people <= 200; people += 1) {
      const [summaries] = await Promise.all([
        store.plans.summaries({ integrationIds: [integrationId], limit: 1 }),
        store.plans.save(grown(people)),
      ]);
      for (const { updatedAt, counts } of summaries) assert.equal(updatedAt, at(counts.waiting));
    }
  });

  it('tells whom of some people the plans of a scope name, without their other people', async () => {
    const [integrationId, groupId, other] = [randomUUID(), randomUUID(), randomUUID()];
    const [anna, bert, carl, dora] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const plan = (minute: number, fields: Pick<PlanRecord, 'state' | 'candidates'> & { groupId: string | null }) => ({
      ...{ planId: randomUUID(), integrationId, tenantId: randomUUID(), reason: 'too many at once', inScope: 10 },
      ...{ createdAt: at(minute), updatedAt: at(minute), decidedAt: null, decidedBy: null },
      ...fields,
    });
    const one = (userId: string, state: 'waiting' | 'refused' | 'stayed') => ({
      userId,
      state,
      why: 'absent' as const,
    });
    const early = plan(1, { groupId, state: 'refused', candidates: [one(anna, 'refused'), one(bert, 'stayed')] });
    const late = plan(2, { groupId, state: 'waiting', candidates: [one(carl, 'waiting'), one(anna, 'waiting')] });
    const done = plan(3, { groupId, state: 'done', candidates: [one(dora, 'stayed')] });
    const elsewhere = plan(4, { groupId: other, state: 'waiting', candidates: [one(dora, 'waiting')] });
    const everyone = plan(5, { groupId: null, state: 'waiting', candidates: [one(bert, 'waiting')] });
    for (const record of [late, early, done, elsewhere, everyone]) await store.plans.save(record);

    const states = ['waiting', 'allowed', 'refused'] as const;
    const named = (userIds: string[], scope: string | null = groupId) =>
      store.plans.named({ integrationId, groupId: scope, states, userIds });
    assert.deepEqual(await named([anna, bert, dora, randomUUID()]), [
      { planId: late.planId, ...one(anna, 'waiting') },
      { planId: early.planId, ...one(anna, 'refused') },
      { planId: early.planId, ...one(bert, 'stayed') },
    ]);
    assert.deepEqual(await named([bert], null), [{ planId: everyone.planId, ...one(bert, 'waiting') }]);
    assert.deepEqual(await named([]), []);
    const [first] = await store.plans.summaries({ integrationIds: [integrationId], states: ['refused'], limit: 1 });
    assert.deepEqual(first, toPlanSummary(early), 'one is kept, one stayed');
    const count = (scope: string | null) => store.plans.count({ integrationId, groupId: scope, state: 'waiting' });
    assert.deepEqual(await Promise.all([groupId, other, null, randomUUID()].map(count)), [1, 1, 1, 0]);
  });

  it('keeps sweeps in the order of their intervals, and those that are to be judged', async () => {
    const integrationId = randomUUID();
    const sweep = (minute: number): SweepRecord => ({
      sweepId: randomUUID(),
      integrationId,
      tenantId: randomUUID(),
      from: at(minute - 1),
      to: at(minute),
      state: 'covered',
      rows: 1,
      announced: 0,
      found: 1,
      lost: 0,
      worstDelayMs: 0,
      suspects: [{ userId: randomUUID(), observedAt: at(minute) }],
      judgedAt: null,
    });
    const [early, late] = [sweep(10), sweep(20)];
    await store.coverage.save(late);
    await store.coverage.save(early);
    assert.deepEqual(await store.coverage.unjudged(integrationId), [early, late]);
    assert.deepEqual(await store.coverage.unjudged(integrationId, early.to), [late]);
    const until = (to: string) => store.coverage.unjudgedUntil(integrationId, to);
    assert.deepEqual(await Promise.all([early.to, late.to, at(15)].map(until)), [early, late, null]);
    await store.coverage.save({ ...early, lost: 1, suspects: [], judgedAt: at(30) });
    assert.deepEqual(await store.coverage.unjudged(integrationId), [late]);
    assert.equal(await until(early.to), null);
    const told = await store.coverage.since(integrationId, at(10));
    assert.deepEqual(
      told.map(({ sweepId, lost }) => [sweepId, lost]),
      [
        [early.sweepId, 1],
        [late.sweepId, 0],
      ],
    );
    assert.ok(told.every((one) => !('suspects' in one)));
    assert.equal((await store.coverage.since(integrationId, at(11))).length, 1);
    const slow = { ...sweep(15), readUntil: at(17) };
    await store.coverage.save(slow);
    const idsSince = async (minute: number): Promise<string[]> =>
      (await store.coverage.since(integrationId, at(minute))).map(({ sweepId }) => sweepId);
    assert.deepEqual(await idsSince(17), [slow.sweepId, late.sweepId], 'it may tell what changed until its last page');
    assert.deepEqual(await idsSince(18), [late.sweepId]);
  });

  it('tells who left the scope or was deleted since, of one tenant', async () => {
    const tenantId = randomUUID();
    const person = (status: 'active' | 'deleted' | 'out-of-scope', second: number) =>
      user({ tenantId, status, changedAt: at(second) });
    const people = [person('deleted', 10), person('out-of-scope', 11), person('active', 12), person('deleted', 9)];
    await store.users.write([...people, user({ status: 'deleted', changedAt: at(20) })].map(insert));
    const left = await store.users.leftSince(tenantId, new Date(at(10)));
    assert.deepEqual(left.sort(), [people[0]!.userId, people[1]!.userId].sort());
    const bounded = await store.users.leftSince(tenantId, new Date(at(9)), new Date(at(10)));
    assert.deepEqual(bounded.sort(), [people[0]!.userId, people[3]!.userId].sort());
  });
});
