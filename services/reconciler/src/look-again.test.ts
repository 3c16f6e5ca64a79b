import assert from 'node:assert/strict';
import { type CursorKind, type UserDocument } from '@muster/contracts';
import type { ReadUser } from '@muster/graph-client';
import { createMetrics } from '@muster/telemetry';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import { createTenant, toUser } from '../test/support/tenant.js';
import { createSweepMetrics } from './sweep-metrics.js';
import { sweepOnce } from './sweep-once.js';
import type { SweepDeps } from './sweep-run.js';

type Lag = (person: ReadUser) => ReadUser;

/** Changes that are ahead of the reads by id: `lagging` says what a replica that lags answers for somebody. */
function setUp({ wholeTenant = false, isCaughtUp = true } = {}) {
  const ports = createMemoryPorts();
  const tenant = createTenant(() => ports.clock.now);
  if (wholeTenant) tenant.settings.groupId = null;
  const { settings, groupId, nestedId } = tenant;
  const { integrationId, tenantId } = settings;
  const at = ports.clock.now.toISOString();
  ports.settings.set(integrationId, settings);
  ports.graphs.set(integrationId, tenant);
  const tree = [
    { groupId, displayName: null, groupPath: [groupId] },
    { groupId: nestedId, displayName: null, groupPath: [groupId, nestedId] },
  ];
  ports.groups.push(...tree.map((group) => ({ ...group, tenantId, observedAt: at })));
  for (const kind of ['users', 'group'] as const)
    ports.cursors.set(`${integrationId}/${kind}`, {
      ...{ integrationId, tenantId, kind, groupId: settings.groupId, tree },
      links: [{ deltaLink: 'https://graph.test/next?page=0', groupIds: [groupId] }],
      ...{ takenAt: at, sweptAt: at, baselineSnapshotId: null, baselineEndedAt: null, resetAt: null },
      ...{ failure: null, revision: 1 },
    });
  const lagging = new Map<string, Lag>();
  const { readUsers, memberPages } = tenant.graph;
  tenant.graph.readUsers = async (userIds, options) =>
    (await readUsers(userIds, options)).map((one) => lagging.get(one.userId)?.(one) ?? one);
  const listed: string[] = [];
  tenant.graph.memberPages = (id) => {
    listed.push(id);
    return memberPages(id);
  };
  const know = (userId: string, fields: Partial<UserDocument> = {}): void => {
    ports.documents.set(`${tenantId}/${userId}`, {
      ...toUser(userId),
      tenantId,
      ...{ status: 'active', ssoEnabled: true, inGroup: true, groupPath: [groupId], revision: 1 },
      ...{ observedAt: at, changedAt: at },
      ...fields,
    });
  };
  for (const userId of tenant.direct) know(userId);
  const deps = {
    ...ports.deps,
    store: {
      ...ports.deps.store,
      subscriptions: { ofIntegration: () => Promise.resolve([]) },
      lag: { canaries: () => Promise.resolve([]) },
      announced: { since: () => Promise.resolve(new Set()) },
    },
    removalLimit: { least: 1_000, percent: 100 },
    sweepMetrics: createSweepMetrics(createMetrics({ service: 'test' })),
    ...{ usersDeltaEvery: 1, groupDeltaEvery: 1, lostAfter: 1 },
    handledUntil: () => Promise.resolve(ports.clock.now),
    caughtUp: () => Promise.resolve(isCaughtUp),
  } as unknown as SweepDeps;
  const sweep = async (kind: CursorKind = 'users') => {
    ports.clock.now = new Date(ports.clock.now.getTime() + 60_000);
    const { signal } = new AbortController();
    return sweepOnce(deps, { settings, kind, signal, pause: () => Promise.resolve() });
  };
  const removed = (userId: string): void => {
    tenant.users.delete(userId);
    tenant.userLog.push({ userId, user: null, removed: 'soft' });
  };
  const changed = (userId: string): void => void tenant.userLog.push({ userId, user: tenant.users.get(userId)! });
  const cursor = (kind: CursorKind = 'users') => ports.cursors.get(`${integrationId}/${kind}`)!;
  /** What was told of somebody, in order: gone, in by a way, or there. */
  const told = (id: string): unknown[] =>
    ports
      .observations()
      .flatMap((one) =>
        one.type === 'user' && one.userId === id
          ? [one.removed ? 'gone' : one.membership ? one.membership.groupPath : 'there']
          : [],
      );
  /** So many groups that a person is asked for by id. */
  const grow = (): void => {
    for (let index = 0; index < 5; index += 1)
      ports.groups.push({ ...tree[1]!, groupId: `nested-${index}`, tenantId, observedAt: at });
  };
  return { tenant, lagging, listed, grow, know, removed, changed, sweep, cursor, told };
}

const notYet: Lag = ({ userId, observedAt }) => ({ userId, observedAt, found: 'no', removed: 'soft' });
const stillThere: Lag = ({ userId, observedAt }) => ({
  ...{ userId, observedAt, found: 'yes' as const },
  ...{ user: toUser(userId), inGroup: true },
});

describe('a sweep whose changes are ahead of the reads by id', () => {
  for (const wholeTenant of [true, false])
    it(`removes whom the changes call removed once a read says so, ${wholeTenant ? 'all people' : 'a group'} watched`, async () => {
      const { tenant, lagging, removed, sweep, cursor, told } = setUp({ wholeTenant });
      const [gone] = tenant.direct as [string];
      removed(gone);
      lagging.set(gone, stillThere);
      assert.equal(await sweep(), 'swept');
      assert.deepEqual(told(gone), ['there'], 'nobody is removed unconfirmed');
      assert.deepEqual(cursor().unsettled, [gone]);
      lagging.clear();
      assert.equal(await sweep(), 'swept');
      assert.deepEqual(told(gone), ['there', 'gone']);
      assert.deepEqual(cursor().unsettled, []);
    });

  it('asks on while replicas answer now one thing, now the other', async () => {
    const { tenant, lagging, removed, sweep, told } = setUp({ wholeTenant: true });
    const [gone] = tenant.direct as [string];
    removed(gone);
    let reads = 0;
    lagging.set(gone, (one) => ((reads += 1) === 2 ? one : stillThere(one)));
    for (let round = 0; round < 2; round += 1) await sweep();
    assert.equal(reads, 3, 'looked at again, confirmed by nobody');
    lagging.clear();
    await sweep();
    assert.equal(told(gone).at(-1), 'gone');
  });

  for (const isCaughtUp of [true, false])
    it(`of somebody without a document who is gone or out it tells ${isCaughtUp ? 'nothing' : 'so, for what waits may say "in"'}`, async () => {
      const { tenant, lagging, sweep, cursor, told } = setUp({ isCaughtUp });
      const [left, gone] = [tenant.outside[0]!, '00000000-0000-4000-8000-00000000cccc'];
      Object.assign(cursor(), { unsettled: [left, gone] });
      lagging.set(left, (one) => ({ ...stillThere(one), inGroup: false }) as ReadUser);
      await sweep();
      assert.deepEqual([told(left), told(gone)], isCaughtUp ? [[], []] : [[[]], ['gone']]);
      assert.deepEqual(cursor().unsettled, []);
    });

  it('removes an outsider too of whom something is known', async () => {
    const { tenant, lagging, know, removed, sweep, told } = setUp();
    const [gone] = tenant.outside as [string];
    know(gone, { inGroup: false, groupPath: [] });
    removed(gone);
    lagging.set(gone, (one) => ({ ...stillThere(one), inGroup: false }) as ReadUser);
    await sweep();
    lagging.clear();
    await sweep();
    assert.equal(told(gone).at(-1), 'gone');
  });

  it('asks nobody again who was removed and came back in the same changes', async () => {
    const { tenant, removed, changed, sweep, cursor } = setUp({ wholeTenant: true });
    const [back] = tenant.direct as [string];
    const user = tenant.users.get(back)!;
    removed(back);
    tenant.users.set(back, user);
    changed(back);
    await sweep();
    assert.deepEqual(cursor().unsettled, []);
  });

  it('is made again where many contradict it, and in the end goes on without them', async () => {
    const { lagging, know, removed, sweep, cursor } = setUp({ wholeTenant: true });
    for (let index = 0; index < 101; index += 1) {
      const userId = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
      know(userId);
      removed(userId);
      lagging.set(userId, stillThere);
    }
    const { links } = cursor();
    for (let round = 0; round < 3; round += 1) assert.equal(await sweep(), 'failed');
    assert.deepEqual([cursor().links, cursor().failure?.code], [links, 'sweep.unconfirmed']);
    assert.equal(await sweep(), 'swept');
    assert.deepEqual(cursor().unsettled, []);
  });

  it('confirms who is gone ahead of the tree that outsiders ask for, though that cannot be read', async () => {
    const { tenant, removed, changed, sweep, told } = setUp();
    const [gone] = tenant.direct as [string];
    removed(gone);
    for (const userId of tenant.outside) changed(userId);
    tenant.graph.readGroup = () => Promise.reject(new Error('the tree cannot be read'));
    assert.equal(await sweep(), 'failed');
    assert.deepEqual(told(gone), ['gone']);
  });

  describe('of somebody who came', () => {
    it('brings in a restored person, told once a read finds them', async () => {
      const { tenant, lagging, know, changed, sweep, cursor, told } = setUp();
      const [back] = tenant.direct as [string];
      know(back, { status: 'deleted', inGroup: false, groupPath: [] });
      changed(back);
      lagging.set(back, notYet);
      assert.equal(await sweep(), 'swept');
      assert.deepEqual([told(back), cursor().unsettled], [[], [back]]);
      lagging.clear();
      await sweep();
      assert.equal(told(back)[0], 'there');
      assert.deepEqual(cursor().unsettled, []);
    });

    it('brings in a new member whom the changes of the group name', async () => {
      const { tenant, lagging, sweep, cursor, told } = setUp();
      const [fresh] = tenant.outside as [string];
      const member = { id: fresh, kind: 'user' as const };
      tenant.groups.get(tenant.groupId)!.push(member);
      tenant.groupLog.push({ groupId: tenant.groupId, removed: null, members: [{ ...member, removed: false }] });
      lagging.set(fresh, notYet);
      assert.equal(await sweep('group'), 'swept');
      assert.deepEqual([told(fresh), cursor('group').unsettled], [[], [fresh]]);
      lagging.clear();
      await sweep('group');
      assert.deepEqual(told(fresh), [[tenant.groupId]]);
    });

    for (const lag of [notYet, undefined])
      it(`brings in whom nobody knows, though ${lag ? 'the read' : 'the tree'} lags`, async () => {
        const { tenant, lagging, grow, changed, sweep, cursor, told } = setUp();
        grow();
        const [fresh] = tenant.outside as [string];
        const members = tenant.groups.get(tenant.groupId)!;
        if (lag) {
          members.push({ id: fresh, kind: 'user' });
          lagging.set(fresh, lag);
        } else lagging.set(fresh, stillThere);
        changed(fresh);
        assert.equal(await sweep(), 'swept');
        assert.deepEqual([told(fresh), cursor().unsettled], [[], [fresh]]);
        if (lag) lagging.clear();
        else members.push({ id: fresh, kind: 'user' });
        await sweep();
        assert.deepEqual(told(fresh), [[tenant.groupId]]);
        assert.deepEqual(cursor().unsettled, []);
      });

    it('looks but twice for somebody whom no group lists', async () => {
      const { tenant, lagging, listed, grow, changed, sweep, cursor } = setUp();
      grow();
      const [odd] = tenant.outside as [string];
      lagging.set(odd, stillThere);
      changed(odd);
      for (let round = 0; round < 4; round += 1) assert.equal(await sweep(), 'swept');
      assert.equal(listed.filter((id) => id === tenant.groupId).length, 2);
      assert.deepEqual(cursor().unsettled, []);
    });
  });
});
