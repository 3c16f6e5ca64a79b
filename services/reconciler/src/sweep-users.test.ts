import assert from 'node:assert/strict';
import { Failure, type CursorRecord } from '@muster/contracts';
import { createMetrics } from '@muster/telemetry';
import { toDocument } from '../test/support/documents.js';
import { setUpReads } from '../test/support/full-reads.js';
import type { MemoryPorts } from '../test/support/memory-ports.js';
import { toUser, type Tenant } from '../test/support/tenant.js';
import { createSweepMetrics } from './sweep-metrics.js';
import { openSweep, type SweepDeps, type SweepRun } from './sweep-run.js';
import { sweepUsers } from './sweep-users.js';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const cursor = {
  links: [{ deltaLink: 'from', groupIds: [] }],
  takenAt: at(0),
  baselineEndedAt: null,
} as unknown as CursorRecord;

const toGroup = (groupId: string) => ({ groupId, displayName: null, groupPath: [groupId], observedAt: at(0) });

function openMemorySweep(ports: MemoryPorts, { settings }: Tenant): SweepRun {
  const deps = {
    ...ports.deps,
    sweepMetrics: createSweepMetrics(createMetrics({ service: 'test' })),
    ...{ usersDeltaEvery: 1, groupDeltaEvery: 1, lostAfter: 1 },
    handledUntil: () => Promise.resolve(ports.clock.now),
  } as unknown as SweepDeps;
  const { signal } = new AbortController();
  return openSweep(deps, { settings, kind: 'users', signal, pause: () => Promise.resolve() });
}

describe('sweepUsers', () => {
  it('has seen everything until its first page: what changes meanwhile is judged by the next sweep', async () => {
    const page = { rows: [], malformed: 0, nextLink: null };
    const run = {
      settings: {},
      now: () => new Date(at(30)),
      underWay: <T>(work: Promise<T>) => work,
      addMalformed: () => undefined,
      tries: <T>(work: () => Promise<T>) => work(),
      newId: () => 'id',
      doubt: () => undefined,
      deps: { sweepMetrics: { rows: () => undefined }, newId: () => 'id' },
      store: {
        coverage: { unjudgedUntil: () => Promise.resolve(null) },
        leases: { acquire: () => Promise.resolve(true), release: () => Promise.resolve() },
        plans: { list: () => Promise.resolve([]) },
      },
      graph: () => ({
        clockSkewMs: () => 2_000,
        userDeltaPages: async function* () {
          yield await Promise.resolve({ ...page, deltaLink: null, observedAt: at(10) });
          yield await Promise.resolve({ ...page, deltaLink: 'next', observedAt: at(20) });
        },
      }),
    };
    const swept = await sweepUsers(run as unknown as SweepRun, cursor);
    assert.deepEqual([swept.takenAt, swept.links[0]?.deltaLink], [at(10), 'next']);
    assert.equal(swept.readUntil, at(28), "by Graph's clock");
  });

  it('counts nobody again whom the sweep before found, though more sweeps wait to be judged than are loaded at once', async () => {
    const { ports, tenant } = setUpReads();
    const { integrationId, tenantId } = tenant.settings;
    tenant.settings.groupId = null;
    const [userId = ''] = tenant.direct;
    const user = tenant.users.get(userId)!;
    const takenAt = at(150);
    // Found first by the sweep before, and taken in behind its end: delta tells it again.
    ports.documents.set(`${tenantId}/${userId}`, toDocument({ tenantId, user }));
    ports.facts.set(`${tenantId}/${userId}`, { userObservedAt: at(151), membership: null, foundAt: at(151) });
    tenant.userLog.push({ userId, user });
    for (let second = 1; second <= 150; second += 1)
      ports.sweeps.push({
        ...{ sweepId: `${second}`, integrationId, tenantId, from: at(second - 1), to: at(second), state: 'covered' },
        ...{ rows: 1, announced: 0, found: 1, lost: 0, worstDelayMs: 0, judgedAt: null },
        suspects: second === 150 ? [{ userId, observedAt: at(150) }] : [],
      });
    const links = [{ deltaLink: 'https://graph.test/next?page=0', groupIds: [] }];
    const { counts, before } = await sweepUsers(openMemorySweep(ports, tenant), { ...cursor, links, takenAt });
    assert.equal(before?.sweepId, '150');
    assert.deepEqual([counts.found, counts.suspects], [0, []]);
  });

  for (const isCaughtUp of [false, true])
    it(`of somebody who is gone and has no document: ${isCaughtUp ? 'nothing, where all is projected' : 'told as gone, behind what may wait'}`, async () => {
      const { ports, tenant } = setUpReads();
      const run = openMemorySweep(ports, tenant);
      const userId = '00000000-0000-4000-8000-00000000bbbb';
      tenant.userLog.push({ userId, user: null, removed: 'soft' });
      run.deps.caughtUp = () => Promise.resolve(isCaughtUp);
      const links = [{ deltaLink: 'https://graph.test/next?page=0', groupIds: [] }];
      await sweepUsers(run, { ...cursor, links });
      const told = ports.observations().flatMap((one) => (one.type === 'user' ? [[one.userId, one.user]] : []));
      assert.deepEqual(told, isCaughtUp ? [] : [[userId, null]]);
      assert.deepEqual(tenant.readById, [], 'Graph is not asked');
    });

  it('of somebody whose document was written while it was asked whether all is: a removal', async () => {
    const { ports, tenant } = setUpReads();
    const run = openMemorySweep(ports, tenant);
    const { tenantId } = tenant.settings;
    const user = toUser('00000000-0000-4000-8000-00000000bbbb');
    for (const other of tenant.users.values())
      ports.documents.set(`${tenantId}/${other.userId}`, toDocument({ tenantId, user: other }));
    tenant.userLog.push({ userId: user.userId, user: null, removed: 'soft' });
    run.deps.caughtUp = () => {
      ports.documents.set(`${tenantId}/${user.userId}`, toDocument({ tenantId, user }));
      return Promise.resolve(true);
    };
    const links = [{ deltaLink: 'https://graph.test/next?page=0', groupIds: [] }];
    await sweepUsers(run, { ...cursor, links });
    assert.deepEqual(tenant.readById.flat(), [user.userId]);
    assert.ok(ports.observations().some((one) => one.type === 'user' && one.user === null));
  });

  describe('of somebody who was restored, with a group chosen', () => {
    const setUp = () => {
      const { ports, tenant } = setUpReads();
      const { tenantId } = tenant.settings;
      const restore = (userId: string): void => {
        tenant.userLog.push({ userId, user: tenant.users.get(userId)! });
        ports.documents.set(`${tenantId}/${userId}`, {
          ...toUser(userId),
          tenantId,
          ...{ status: 'deleted', ssoEnabled: false, inGroup: false, groupPath: [], revision: 2 },
          ...{ observedAt: at(0), changedAt: at(0) },
        });
      };
      const run = openMemorySweep(ports, tenant);
      const links = [{ deltaLink: 'https://graph.test/next?page=0', groupIds: [] }];
      const told = () => ports.observations().flatMap((one) => (one.type === 'user' ? [one] : []));
      return { tenant, ports, restore, told, run, sweep: () => sweepUsers(run, { ...cursor, links }) };
    };

    it('asks whether the person is in the group still: what was known of it is as old as the deletion', async () => {
      const { tenant, restore, told, sweep } = setUp();
      const [inside, left] = [tenant.direct[0]!, tenant.outside[0]!];
      restore(inside);
      restore(left);
      await sweep();
      const byId = new Map(told().map((one) => [one.userId, one]));
      assert.deepEqual(byId.get(left)?.membership?.inGroup, false);
      assert.equal(byId.get(left)?.user?.userId, left);
      assert.equal(byId.get(inside)?.user?.userId, inside);
      assert.equal(byId.get(inside)?.membership, undefined, 'the way is told by the changes of the group');
    });

    it('brings in a member whom nobody knows, for the person was in the bin when the group was read', async () => {
      const { tenant, ports, told, sweep } = setUp();
      const inside = [tenant.direct[0]!, tenant.nested[0]!];
      for (const userId of [...inside, ...tenant.outside])
        tenant.userLog.push({ userId, user: tenant.users.get(userId)! });
      ports.groups.push({ ...toGroup(tenant.groupId), tenantId: tenant.settings.tenantId });
      await sweep();
      assert.deepEqual(
        told().map(({ userId, membership }) => [userId, membership?.groupPath]),
        [
          [inside[0], [tenant.groupId]],
          [inside[1], [tenant.groupId, tenant.nestedId]],
        ],
      );
      assert.deepEqual(tenant.readById, [inside], 'who is not in the tree costs no read');
    });

    it('asks for few people by id beside a large group, though it is one list', async () => {
      const { tenant, ports, restore, told, sweep } = setUp();
      const { tenantId } = tenant.settings;
      ports.groups.push({ ...toGroup(tenant.groupId), tenantId });
      restore(tenant.outside[0]!);
      const member = { ...ports.documents.get(`${tenantId}/${tenant.outside[0]!}`)!, inGroup: true };
      for (let index = 0; index < 50_000; index += 1)
        ports.documents.set(`${tenantId}/${index}`, { ...member, userId: String(index), status: 'active' });
      const strangers = tenant.outside.slice(1, 3);
      for (const userId of strangers) tenant.userLog.push({ userId, user: tenant.users.get(userId)! });
      tenant.graph.memberPages = () => assert.fail('51 pages for two people');
      await sweep();
      assert.deepEqual(tenant.readById.at(-1), strangers);
      assert.deepEqual(
        told().map(({ userId }) => userId),
        [tenant.outside[0]],
      );
    });

    for (const code of ['group.vanished', 'graph.forbidden'])
      it(`goes on with the people though the group cannot be read: ${code}`, async () => {
        const { tenant, ports, restore, told, sweep } = setUp();
        restore(tenant.direct[0]!);
        const [stranger] = tenant.outside;
        tenant.userLog.push({ userId: stranger!, user: tenant.users.get(stranger!)! });
        ports.groups.push({ ...toGroup(tenant.groupId), tenantId: tenant.settings.tenantId });
        tenant.graph.readGroup = () =>
          code === 'group.vanished'
            ? Promise.resolve(null)
            : Promise.reject(new Failure(code, 'Graph answered 403.', { retryable: false }));
        await sweep();
        assert.deepEqual(
          told().map(({ userId }) => userId),
          [tenant.direct[0]],
        );
      });

    it('goes on for the others, and keeps a restored person who could not be read for the next sweep', async () => {
      const { tenant, restore, told, run, sweep } = setUp();
      const [unread, other] = [tenant.direct[0]!, tenant.outside[0]!];
      restore(unread);
      restore(other);
      const { readUsers } = tenant.graph;
      tenant.graph.readUsers = async (userIds, options) =>
        (await readUsers(userIds, options)).map((one) =>
          one.userId === unread
            ? {
                ...{ userId: unread, observedAt: at(1), found: 'failed' as const },
                failure: new Failure('graph.forbidden', 'Graph answered 403.', { retryable: false }),
              }
            : one,
        );
      await sweep();
      assert.deepEqual(
        told().map(({ userId }) => userId),
        [other],
      );
      assert.deepEqual(run.unsettled(), [unread]);
    });
  });
});
