import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { planState, type PlanRecord } from '@muster/contracts';
import { createResources, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';
import { insertPerson, person } from './people-fixtures.js';

const operator = bearer(OPERATOR_KEY);
const PLANS = 11;
const instant = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

describe('plans and reads of all integrations by page', () => {
  let admin: AdminHarness;
  const integrationIds: string[] = [];

  before(async () => {
    const { kafkaBrokers: brokers, mongodbUri } = testServers();
    admin = await startAdmin({ resources: createResources('admin plans', mongodbUri), brokers });
    for (const tenantId of [randomUUID(), randomUUID()]) {
      const settings = newIntegration({ tenantId });
      const { body } = await admin.agent.post('/api/v1/integrations').set(operator).send(settings).expect(201);
      integrationIds.push(body.integrationId);
      // Pairs of the same instant, so that a page may end between two of them.
      for (let turn = 0; turn < PLANS; turn += 1) {
        const of = { integrationId: body.integrationId, tenantId };
        await admin.store.plans.save(plan(turn, of));
        await admin.store.snapshots.insert({
          ...{ ...of, snapshotId: randomUUID(), kind: 'users', state: 'complete', reason: 'due', pages: 1, rows: 1 },
          ...{ expectedRows: 1, nextLink: null, resumed: false, failure: null, projected: {}, drift: null },
          ...{ publishedAt: null, finishedAt: null, startedAt: instant(Math.floor(turn / 2)) },
        });
      }
    }
  });
  after(() => admin.stop());

  const plan = (turn: number, of: Pick<PlanRecord, 'integrationId' | 'tenantId'>): PlanRecord => ({
    ...of,
    ...{
      planId: randomUUID(),
      groupId: null,
      reason: 'too many at once',
      inScope: 10,
      decidedAt: null,
      decidedBy: null,
    },
    candidates: [{ userId: randomUUID(), why: 'absent', state: 'waiting' }],
    state: planState.options[turn % planState.options.length]!,
    ...{ createdAt: instant(Math.floor(turn / 2)), updatedAt: instant(turn) },
  });

  type Item = { planId?: string; snapshotId?: string; state: string; createdAt?: string; startedAt?: string };
  const all = async (path: string): Promise<Item[]> => {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await admin.agent.get(`/api/v1${path}${more}`).set(operator).expect(200);
      items.push(...body.items);
      cursor = body.nextCursor;
    } while (cursor !== null);
    return items;
  };

  for (const limit of [1, 3, 5, 200])
    it(`each is there once, newest first, by pages of ${limit}`, async () => {
      for (const list of ['plans', 'snapshots']) {
        const items = await all(`/${list}?limit=${limit}`);
        const ids = items.map(({ planId, snapshotId }) => planId ?? snapshotId);
        assert.deepEqual([ids.length, new Set(ids).size], [2 * PLANS, 2 * PLANS], list);
        const times = items.map(({ createdAt, startedAt }) => createdAt ?? startedAt ?? '');
        assert.deepEqual(times, times.toSorted().reverse(), list);
      }
    });

  it('of one integration; those that wait apart from those that were answered', async () => {
    const [integrationId] = integrationIds;
    const waiting = await all(`/plans?limit=2&integrationId=${integrationId}&answered=false`);
    const answered = await all(`/plans?limit=2&integrationId=${integrationId}&answered=true`);
    assert.deepEqual(new Set(waiting.map(({ state }) => state)), new Set(['waiting']));
    assert.deepEqual(new Set(answered.map(({ state }) => state)), new Set(['allowed', 'refused', 'done']));
    assert.equal(waiting.length + answered.length, PLANS);
    assert.deepEqual(await all('/plans?state=waiting&answered=true'), []);
  });

  it('a plan tells how many, and whom page by page, with names where they are known', async () => {
    const [integrationId] = integrationIds;
    const { tenantId } = (await admin.store.integrations.get(integrationId!))!;
    const states = ['waiting', 'refused', 'removed'] as const;
    const candidates = Array.from({ length: 30 }, (_, at) => ({
      ...{ userId: randomUUID(), why: 'absent' as const, state: states[at % 3]! },
    }));
    await insertPerson(admin.store, person(tenantId, candidates[4]!.userId, { displayName: 'Ada' }));
    const big = { ...plan(1, { integrationId: integrationId!, tenantId }), candidates };
    await admin.store.plans.save(big);
    const listed = (await all(`/plans?integrationId=${integrationId}`)).find(({ planId }) => planId === big.planId);
    const { counts, ...rest } = listed as Item & { counts: object };
    assert.deepEqual(counts, { waiting: 10, allowed: 0, refused: 10, removed: 10, stayed: 0, superseded: 0 });
    assert.ok(!('candidates' in rest));

    type Named = { userId: string; displayName: string | null };
    const people = (await all(`/plans/${big.planId}/people?limit=7`)) as unknown as Named[];
    assert.deepEqual(
      people.map(({ userId }) => userId),
      candidates.map(({ userId }) => userId),
    );
    assert.deepEqual([people[4]?.displayName, people[5]?.displayName], ['Ada', null]);
    assert.equal((await all(`/plans/${big.planId}/people?limit=3&state=refused`)).length, 10);
    const first = await admin.agent.get(`/api/v1/plans/${big.planId}/people?limit=1`).set(operator).expect(200);
    assert.deepEqual([first.body.plan.updatedAt, first.body.plan.counts.waiting], [big.updatedAt, 10]);
    const other = await admin.agent.get(`/api/v1/plans/${big.planId}/people?limit=1`).set(operator).expect(200);
    const elsewhere = plan(2, { integrationId: integrationId!, tenantId });
    await admin.store.plans.save(elsewhere);
    const wrong = `/api/v1/plans/${elsewhere.planId}/people?cursor=${other.body.nextCursor}`;
    await admin.agent.get(wrong).set(operator).expect(400);
  });

  it('an answer for a whole plan is for those whom somebody saw in it, never for who was added since', async () => {
    const [integrationId] = integrationIds;
    const { tenantId } = (await admin.store.integrations.get(integrationId!))!;
    const one = plan(0, { integrationId: integrationId!, tenantId });
    await admin.store.plans.save({ ...one, updatedAt: instant(50) });
    const answer = (verb: string, body: object) =>
      admin.agent.post(`/api/v1/plans/${one.planId}/${verb}`).set(operator).send(body);
    for (const verb of ['allow', 'refuse']) {
      const { status, body } = await answer(verb, {});
      assert.equal(status, 400, verb);
      assert.deepEqual(body.problems, [
        {
          field: 'seenAt',
          problem: 'is missing, and so are userIds',
          cure: 'Send updatedAt of the plan as you saw it: who was added since keeps waiting.',
        },
      ]);
    }
    await answer('allow', { seenAt: instant(40) }).expect(202);
    await answer('allow', { userIds: one.candidates.map(({ userId }) => userId) }).expect(202);
    await answer('allow', { seenAt: '2099-01-01T00:00:00.000Z' }).expect(202);
    const asked = (await admin.eventLog.readNewest('requests', 100))
      .map(({ value }) => JSON.parse(value!.toString('utf8')) as { planId?: string; seenAt?: string })
      .filter(({ planId }) => planId === one.planId);
    assert.deepEqual(
      asked.map(({ seenAt }) => seenAt).toSorted(),
      [instant(40), instant(50), instant(50)],
      'nobody saw more than there is',
    );
  });

  it('a cursor of another list is refused', async () => {
    const { body } = await admin.agent.get('/api/v1/plans?limit=1').set(operator).expect(200);
    await admin.agent.get(`/api/v1/snapshots?cursor=${body.nextCursor}`).set(operator).expect(400);
  });
});
