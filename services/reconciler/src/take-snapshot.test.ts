import assert from 'node:assert/strict';
import type { SnapshotRecord, UserObservation } from '@muster/contracts';
import { noLicence, unavailable } from '../test/support/memory-graph.js';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import { createTenant, toUser } from '../test/support/tenant.js';
import type { SnapshotTask } from './snapshot-run.js';
import { takeSnapshot } from './take-snapshot.js';

const EARLIER = '2026-03-01T07:00:00.000Z';

function setUp() {
  const ports = createMemoryPorts();
  const tenant = createTenant(() => ports.clock.now);
  const { integrationId, tenantId } = tenant.settings;
  ports.settings.set(integrationId, tenant.settings);
  ports.graphs.set(integrationId, tenant);
  const pauses: number[] = [];
  const run = async (task: Partial<SnapshotTask> = {}): Promise<SnapshotRecord> => {
    await takeSnapshot(ports.deps, {
      settings: tenant.settings,
      kind: 'users',
      reason: 'test',
      resume: null,
      signal: new AbortController().signal,
      pause: (ms) => Promise.resolve(void pauses.push(ms)),
      ...task,
    });
    return ports.snapshots.at(-1)!;
  };
  const know = (ids: readonly string[], inGroup = true) =>
    ports.people.set(tenantId, [
      ...(ports.people.get(tenantId) ?? []),
      ...ids.map((userId) => ({ userId, observedAt: EARLIER, inGroup })),
    ]);
  const users = (): UserObservation[] => ports.observations().filter((one) => one.type === 'user');
  const seen = (): string[] => users().map(({ userId }) => userId);
  return { ports, tenant, pauses, run, know, users, seen };
}

describe('takeSnapshot of users', () => {
  it('publishes everyone in scope once, with the way they are in, and no outsider', async () => {
    const { tenant, run, users, seen } = setUp();
    const record = await run();
    assert.deepEqual(seen().sort(), [...tenant.direct, ...tenant.nested].sort());
    for (const { userId, membership } of users())
      assert.deepEqual(membership, {
        groupId: tenant.groupId,
        inGroup: true,
        groupPath: tenant.nested.includes(userId) ? [tenant.groupId, tenant.nestedId] : [tenant.groupId],
      });
    assert.deepEqual([record.state, record.failure, record.pages, record.rows], ['complete', null, 4, 35]);
  });

  it('publishes the groups of the tree, and the end marks on every partition behind the rows', async () => {
    const { ports, tenant, run } = setUp();
    await run();
    const groups = ports.observations().filter((one) => one.type === 'group');
    assert.deepEqual(
      groups.map(({ groupPath }) => groupPath),
      [[tenant.groupId], [tenant.groupId, tenant.nestedId]],
    );
    const ends = ports.published.slice(-12);
    assert.deepEqual(
      ends.map(({ partition }) => partition),
      Array.from({ length: 12 }, (_, partition) => partition),
    );
    assert.ok(ends.every(({ value }) => (value as { type: string }).type === 'snapshot-end'));
  });

  it('takes everyone without a group, and leaves guests out where the settings say so', async () => {
    const { tenant, run, users } = setUp();
    const [guest = ''] = tenant.outside;
    tenant.users.set(guest, toUser(guest, 'Guest'));
    Object.assign(tenant.settings, { groupId: null, includeGuests: false });
    await run();
    assert.equal(users().length, 34);
    assert.ok(users().every(({ userId, membership }) => userId !== guest && membership?.groupPath.length === 0));
  });

  it('dates a person by the older of the two reads, the group and the page', async () => {
    const { ports, tenant, run, users } = setUp();
    const began = ports.clock.now.toISOString();
    const advance = (page: number): void => {
      ports.clock.now = new Date(Date.parse(began) + page * 60_000);
    };
    tenant.beforePage = advance;
    await run();
    assert.deepEqual([...new Set(users().map(({ observedAt }) => observedAt))], [began]);

    ports.published.length = 0;
    advance(0);
    tenant.settings.groupId = null;
    await run();
    const minutes = users().map(({ observedAt }) => (Date.parse(observedAt) - Date.parse(began)) / 60_000);
    assert.deepEqual([...new Set(minutes)], [0, 1, 2, 3]);
  });

  it('removes who is gone and who left the group, each confirmed by id', async () => {
    const { ports, tenant, run, know, users } = setUp();
    const [left = ''] = tenant.outside;
    const gone = '00000000-0000-4000-8000-000000000001';
    know([...tenant.direct, ...tenant.nested, left, gone]);
    assert.equal((await run()).failure, null);
    const removals = users().slice(25);
    assert.deepEqual(tenant.readById, [[left, gone]]);
    assert.deepEqual(removals[0]?.membership, { groupId: tenant.groupId, inGroup: false, groupPath: [] });
    assert.deepEqual([removals[1]?.userId, removals[1]?.user, removals[1]?.removed], [gone, null, 'soft']);
    assert.equal(removals.length, 2);
    assert.equal(ports.snapshots.length, 1);
  });

  it('does not remove who was only hidden from the list', async () => {
    const { tenant, run, know, users } = setUp();
    const [hidden = ''] = tenant.direct;
    know(tenant.direct);
    tenant.hidden.add(hidden);
    await run();
    const again = users().find(({ userId }) => userId === hidden);
    assert.ok(again?.user);
    assert.equal(again.membership, undefined);
  });

  it('removes nobody, and says so, when the group was emptied', async () => {
    const { tenant, run, know, seen } = setUp();
    know([...tenant.direct, ...tenant.nested]);
    tenant.groups.set(tenant.groupId, []);
    const record = await run();
    assert.deepEqual([record.state, record.failure?.code], ['complete', 'removals.held']);
    assert.match(record.failure?.message ?? '', /25 of 25 people.*everyone/);
    assert.deepEqual([seen(), tenant.readById], [[], []]);
  });

  it('fails and removes nobody when the group vanished', async () => {
    const { tenant, run, know, seen } = setUp();
    know(tenant.direct);
    tenant.groups.delete(tenant.groupId);
    const record = await run();
    assert.deepEqual([record.state, record.failure?.code, seen()], ['failed', 'group.vanished', []]);
  });

  it('says while it runs when its last page will be there, by what Graph lets through', async () => {
    const { ports, tenant, run } = setUp();
    const seen: unknown[] = [];
    tenant.beforePage = (page) => {
      if (page > 1) seen.push(ports.snapshots.at(-1)?.pagesEndAt);
    };
    const record = await run();
    const in2s = (pages: number) => new Date(ports.clock.now.getTime() + pages * 2_000).toISOString();
    // 35 people in pages of 10: after the first one 2.5 pages are left.
    assert.deepEqual(seen, [in2s(3), in2s(2), in2s(1)]);
    assert.equal(record.pagesEndAt, null);
  });

  it('tries a failed page again, waiting as Graph asks, and tells nobody twice', async () => {
    const { tenant, run, pauses, seen } = setUp();
    let failures = 2;
    tenant.beforePage = (page) => {
      if (page === 3 && failures-- > 0) throw unavailable(45_000);
    };
    assert.equal((await run()).state, 'complete');
    assert.deepEqual(pauses, [45_000, 45_000]);
    assert.equal(new Set(seen()).size, seen().length);
  });

  it('fails with the code, publishes no end mark and removes nobody when a page cannot be read', async () => {
    const { ports, tenant, run, know } = setUp();
    know(['00000000-0000-4000-8000-000000000001']);
    tenant.beforePage = (page) => {
      if (page === 3) throw unavailable();
    };
    const record = await run();
    assert.deepEqual([record.state, record.failure?.code, record.pages], ['failed', 'graph.unavailable', 2]);
    assert.ok(ports.observations().every(({ type }) => type !== 'snapshot-end'));
    assert.deepEqual(tenant.readById, []);
  });

  const spoilers: [string, (given: ReturnType<typeof setUp>) => void][] = [
    ['snapshot.malformed', ({ tenant }) => (tenant.malformed = 1)],
    ['snapshot.not-projected', ({ ports }) => ports.answering.delete(7)],
    ['snapshot.count-differs', ({ tenant }) => (tenant.graph.countUsers = () => Promise.resolve(36))],
  ];
  for (const [code, spoil] of spoilers)
    it(`is not complete and removes nobody: ${code}`, async () => {
      const given = setUp();
      given.know(['00000000-0000-4000-8000-000000000001']);
      spoil(given);
      const record = await given.run();
      assert.deepEqual([record.state, record.failure?.code, given.tenant.readById], ['failed', code, []]);
    });

  it('leaves its record when the service stops; the next run goes on with the link and removes nobody', async () => {
    const { tenant, run, know, ports, seen } = setUp();
    const inScope = [...tenant.direct, ...tenant.nested];
    const onLaterPages = [...tenant.users.keys()].slice(20).filter((userId) => inScope.includes(userId));
    know([...onLaterPages, '00000000-0000-4000-8000-000000000001']);
    const stopping = new AbortController();
    tenant.beforePage = (page) => {
      if (page === 3) stopping.abort(new Error('stop'));
    };
    const left = await run({ signal: stopping.signal });
    assert.deepEqual([left.state, left.nextLink], ['running', 'https://graph.test/next?page=3']);
    tenant.beforePage = () => undefined;
    const record = await run({ resume: left });
    assert.deepEqual([record.state, record.resumed, record.rows, record.pages], ['complete', true, 35, 4]);
    assert.deepEqual(tenant.resumed, ['https://graph.test/next?page=3']);
    assert.deepEqual([tenant.readById, ports.snapshots.length, record.failure], [[], 1, null]);
    assert.deepEqual(seen().sort(), inScope.sort());
  });

  it('ends when the integration is paused meanwhile', async () => {
    const { ports, tenant, run } = setUp();
    tenant.beforePage = (page) => {
      if (page === 2) ports.settings.set(tenant.settings.integrationId, { ...tenant.settings, state: 'paused' });
    };
    const record = await run();
    assert.deepEqual([record.failure?.code, record.pages], ['integration.changed', 2]);
  });

  it('writes its own words for an unknown error, not those of the error', async () => {
    const { tenant, run } = setUp();
    tenant.beforePage = () => {
      throw new TypeError('client_secret=abc');
    };
    const { failure } = await run();
    assert.equal(failure?.code, 'internal');
    assert.doesNotMatch(failure.message, /abc/);
  });
});

describe('takeSnapshot of the MFA report', () => {
  it('publishes the rows of people in scope only', async () => {
    const { ports, tenant, run, know } = setUp();
    know(tenant.direct);
    know(tenant.outside, false);
    assert.equal((await run({ kind: 'mfa' })).state, 'complete');
    const rows = ports.observations().filter((one) => one.type === 'mfa');
    assert.deepEqual(rows.map(({ userId }) => userId).sort(), [...tenant.direct].sort());
  });

  it('filters by the group itself where users are not synced', async () => {
    const { ports, tenant, run } = setUp();
    tenant.settings.features.userSync = false;
    await run({ kind: 'mfa' });
    assert.equal(ports.observations().filter(({ type }) => type === 'mfa').length, 25);
  });

  it('tells a row that a complete report no longer has as no data', async () => {
    const { ports, tenant, run, know } = setUp();
    know(tenant.direct);
    const [vanished = '', stale = '', ...others] = tenant.direct;
    for (const userId of [vanished, stale]) tenant.report.delete(userId);
    ports.rows.set(tenant.settings.tenantId, [
      { userId: vanished, observedAt: EARLIER, stale: false },
      { userId: stale, observedAt: EARLIER, stale: true },
      ...others.map((userId) => ({ userId, observedAt: EARLIER, stale: false })),
    ]);
    await run({ kind: 'mfa' });
    const gone = ports.observations().filter((one) => one.type === 'mfa' && one.row === null);
    assert.deepEqual(
      gone.map((one) => (one.type === 'mfa' ? one.userId : '')),
      [vanished],
    );
  });

  it('keeps the last good data when the report is empty, and says so', async () => {
    const { ports, tenant, run, know } = setUp();
    know(tenant.direct);
    tenant.report.clear();
    ports.rows.set(
      tenant.settings.tenantId,
      tenant.direct.map((userId) => ({ userId, observedAt: EARLIER, stale: false })),
    );
    assert.equal((await run({ kind: 'mfa' })).failure?.code, 'removals.held');
    assert.ok(ports.observations().every(({ type }) => type === 'snapshot-end'));
  });

  it('believes a missing licence the third time only', async () => {
    const { tenant, run, pauses } = setUp();
    let tries = 0;
    tenant.beforePage = () => {
      tries += 1;
      if (tries <= 2) throw noLicence();
    };
    assert.equal((await run({ kind: 'mfa' })).state, 'complete');
    tenant.beforePage = () => {
      throw noLicence();
    };
    pauses.length = 0;
    const record = await run({ kind: 'mfa' });
    assert.deepEqual([record.state, record.failure?.code, pauses], ['failed', 'graph.no-licence', [5_000, 5_000]]);
  });
});
