import assert from 'node:assert/strict';
import { Failure, type CursorRecord } from '@muster/contracts';
import { createMetrics } from '@muster/telemetry';
import fc from 'fast-check';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import { createTenant, toUser } from '../test/support/tenant.js';
import { createSweepMetrics } from './sweep-metrics.js';
import { sweepOnce } from './sweep-once.js';
import type { SweepDeps } from './sweep-run.js';

/** A tenant whose documents are what a first load of the group made of it; Graph does not tell of `silent`. */
function setUp() {
  const ports = createMemoryPorts();
  const tenant = createTenant(() => ports.clock.now);
  const { settings, groupId, direct } = tenant;
  const { integrationId, tenantId } = settings;
  const silent = new Set<string>();
  const retryable = { value: false };
  ports.settings.set(integrationId, settings);
  ports.graphs.set(integrationId, tenant);
  ports.groups.push({ tenantId, groupId, displayName: null, groupPath: [groupId], observedAt: '' });
  // No group is nested: the changes of people are told from the rows.
  tenant.groups.set(
    groupId,
    direct.map((id) => ({ id, kind: 'user' })),
  );
  const at = ports.clock.now.toISOString();
  for (const userId of direct)
    ports.documents.set(`${tenantId}/${userId}`, {
      ...toUser(userId),
      tenantId,
      ...{ status: 'active', ssoEnabled: true, inGroup: true, groupPath: [groupId], revision: 1 },
      ...{ observedAt: at, changedAt: at },
    });
  ports.cursors.set(`${integrationId}/group`, {
    ...{ integrationId, tenantId, kind: 'group', groupId },
    links: [{ deltaLink: 'https://graph.test/next?page=0', groupIds: [groupId] }],
    tree: [{ groupId, displayName: null, groupPath: [groupId] }],
    ...{ takenAt: at, sweptAt: at, baselineSnapshotId: null, baselineEndedAt: null, resetAt: null },
    ...{ failure: null, revision: 1 },
  });
  const { readUsers } = tenant.graph;
  tenant.graph.readUsers = async (userIds, options) =>
    (await readUsers(userIds, options)).map((one) =>
      silent.has(one.userId)
        ? {
            ...{ userId: one.userId, observedAt: one.observedAt, found: 'failed' as const },
            failure: new Failure('graph.malformed', 'cannot be read', { retryable: retryable.value }),
          }
        : one,
    );
  const change = (userId: string, removed: boolean): void => {
    const members = tenant.groups.get(groupId)!.filter(({ id }) => id !== userId);
    tenant.groups.set(groupId, removed ? members : [...members, { id: userId, kind: 'user' }]);
    tenant.groupLog.push({ groupId, removed: null, members: [{ id: userId, kind: 'user', removed }] });
  };
  const deps = {
    ...ports.deps,
    removalLimit: { least: 1_000, percent: 100 },
    sweepMetrics: createSweepMetrics(createMetrics({ service: 'test' })),
    ...{ usersDeltaEvery: 1, groupDeltaEvery: 1, lostAfter: 1 },
    handledUntil: () => Promise.resolve(ports.clock.now),
  } as unknown as SweepDeps;
  const sweep = () =>
    sweepOnce(deps, {
      ...{ settings, kind: 'group' as const, signal: new AbortController().signal },
      pause: () => Promise.resolve(),
    });
  const cursor = (): CursorRecord => ports.cursors.get(`${integrationId}/group`)!;
  /** By person: whether the last that was told of the membership is "in". */
  const told = () =>
    new Map(
      ports
        .observations()
        .flatMap((one) => (one.type === 'user' && one.membership ? [[one.userId, one.membership.inGroup]] : [])),
    );
  return { tenant, ports, silent, retryable, change, sweep, cursor, told };
}

const picks = fc.uniqueArray(fc.nat(9), { maxLength: 10 });

describe('sweepGroup', () => {
  it('tells of everybody else though Graph never tells of some, and of those once it does', async () => {
    await fc.assert(
      fc.asyncProperty(picks, picks, picks, picks, fc.boolean(), async (leave, enter, muteIn, muteOut, isRetryable) => {
        const { tenant, silent, retryable, change, sweep, cursor, told } = setUp();
        retryable.value = isRetryable;
        const leaving = leave.map((index) => tenant.direct[index]!);
        const entering = enter.map((index) => tenant.outside[index]!);
        for (const index of muteIn) silent.add(tenant.direct[index]!);
        for (const index of muteOut) silent.add(tenant.outside[index]!);
        for (const userId of leaving) change(userId, true);
        for (const userId of entering) change(userId, false);
        const whole = new Map([
          ...leaving.map((userId) => [userId, false] as const),
          ...entering.map((userId) => [userId, true] as const),
        ]);
        const audible = new Map([...whole].filter(([userId]) => !silent.has(userId)));
        for (let round = 0; round < 2; round += 1) {
          assert.equal(await sweep(), 'swept');
          assert.deepEqual(told(), audible, 'nobody is removed, or brought in, unconfirmed');
          const open = [...whole.keys()].filter((userId) => silent.has(userId));
          assert.deepEqual(cursor().unsettled?.toSorted(), open.toSorted());
          assert.match(cursor().links[0]!.deltaLink, new RegExp(`page=${tenant.groupLog.length}$`));
        }
        silent.clear();
        assert.equal(await sweep(), 'swept');
        assert.deepEqual(told(), whole);
        assert.deepEqual(cursor().unsettled, []);
      }),
      { numRuns: 60 },
    );
  });

  it('is made again where Graph tells of hardly anybody', async () => {
    const { tenant, silent, change, sweep, cursor, told } = setUp();
    const crowd = Array.from(
      { length: 101 },
      (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    );
    for (const userId of crowd) {
      tenant.users.set(userId, toUser(userId));
      silent.add(userId);
      change(userId, false);
    }
    const { links } = cursor();
    assert.equal(await sweep(), 'failed');
    assert.deepEqual([cursor().links, told().size], [links, 0]);
    silent.clear();
    assert.equal(await sweep(), 'swept');
    assert.equal(told().size, 101);
  });

  it('stops holding up the others by somebody whom Graph calls a member and lists nowhere', async () => {
    const { tenant, ports, change, sweep, cursor, told } = setUp();
    const [odd, other] = [tenant.direct[0]!, tenant.direct[1]!];
    ports.people.set(
      tenant.settings.tenantId,
      tenant.direct.map((userId) => ({ userId, observedAt: '', inGroup: true, status: 'active' })),
    );
    const { readUsers } = tenant.graph;
    tenant.graph.readUsers = async (userIds, options) =>
      (await readUsers(userIds, options)).map((one) =>
        one.userId === odd && one.found === 'yes' ? { ...one, inGroup: true } : one,
      );
    change(odd, true);
    change(other, true);
    const outcomes = [];
    for (let round = 0; round < 5; round += 1) outcomes.push(await sweep());
    assert.deepEqual(outcomes, ['failed', 'failed', 'failed', 'swept', 'swept']);
    assert.deepEqual([told().get(other), told().get(odd)], [false, undefined]);
    assert.deepEqual(cursor().unsettled, []);
  });

  it('tells the way of who is in by a read that did not say it, and reads no group for that', async () => {
    const { tenant, ports, change, sweep } = setUp();
    const { tenantId } = tenant.settings;
    const userId = tenant.outside[0]!;
    const known = [...ports.documents.values()][0]!;
    ports.documents.set(`${tenantId}/${userId}`, { ...known, ...toUser(userId), groupPath: [] });
    change(userId, false);
    tenant.graph.memberPages = () => assert.fail('the tree is read');
    assert.equal(await sweep(), 'swept');
    const told = ports.observations().filter((one) => one.type === 'membership');
    assert.deepEqual(
      told.map(({ userId, groupPath }) => ({ userId, groupPath })),
      [{ userId, groupPath: [tenant.groupId] }],
    );
  });

  const besides: Readonly<Record<string, (given: ReturnType<typeof setUp>) => void>> = {
    'nothing else': () => undefined,
    'a nested group that came': ({ tenant }) => {
      const nestedId = '00000000-0000-4000-8000-00000000aaaa';
      tenant.groups.set(nestedId, []);
      const members = [{ id: nestedId, kind: 'group' as const, removed: false }];
      tenant.groupLog.push({ groupId: tenant.groupId, removed: null, members });
    },
    'somebody who is in by another way': ({ tenant, ports, change }) => {
      const [other = ''] = tenant.direct;
      const key = `${tenant.settings.tenantId}/${other}`;
      ports.documents.set(key, { ...ports.documents.get(key)!, groupPath: [tenant.groupId, 'another'] });
      change(other, false);
    },
  };
  for (const [what, happens] of Object.entries(besides))
    it(`tells of a leaving though what told of the entry is not in a document yet, beside ${what}`, async () => {
      const given = setUp();
      const { tenant, change, sweep, told } = given;
      const [userId] = tenant.outside as [string];
      change(userId, false);
      assert.equal(await sweep(), 'swept');
      assert.equal(told().get(userId), true);
      change(userId, true);
      happens(given);
      assert.equal(await sweep(), 'swept');
      assert.equal(told().get(userId), false);
    });
});
