import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { PersonRead } from '@muster/contracts';
import { createMetrics } from '@muster/telemetry';
import { eventually } from '@muster/test-support';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import { createTenant, toRow, type Tenant } from '../test/support/tenant.js';
import { createPersonReader, type PersonRequest } from './read-person.js';
import { createSweepMetrics } from './sweep-metrics.js';

function setUp({ patienceMs = 20 } = {}) {
  const ports = createMemoryPorts();
  const tenant: Tenant = createTenant(() => ports.clock.now);
  ports.settings.set(tenant.settings.integrationId, tenant.settings);
  ports.graphs.set(tenant.settings.integrationId, tenant);
  const reads = new Map<string, PersonRead>();
  const personReads = {
    get: (_tenantId: string, userId: string) => Promise.resolve(reads.get(userId) ?? null),
    save: (record: PersonRead) => Promise.resolve(void reads.set(record.userId, record)),
  };
  const people = createPersonReader({
    ...ports.deps,
    concurrency: 2,
    patienceMs,
    store: { ...ports.deps.store, personReads } as never,
    sweepMetrics: createSweepMetrics(createMetrics({ service: 'test' })),
    usersDeltaEvery: 1,
    groupDeltaEvery: 1,
    lostAfter: 1,
    handledUntil: () => Promise.resolve(new Date()),
  });
  tenant.graph.readMfa = (userId) =>
    Promise.resolve({ row: tenant.report.get(userId) ?? null, observedAt: ports.clock.now.toISOString() });
  const toRequest = (userId: string, { settings }: Tenant = tenant, agoMs = 0): PersonRequest => {
    const { integrationId, tenantId } = settings;
    const requestedAt = new Date(ports.clock.now.getTime() - agoMs).toISOString();
    return { version: 1, type: 'person', integrationId, tenantId, userId, requestedBy: 'test', requestedAt };
  };
  const ask = async (userId: string, agoMs = 0): Promise<PersonRead | undefined> => {
    await people.request(toRequest(userId, tenant, agoMs));
    await people.idle();
    return reads.get(userId);
  };
  const told = () => ports.observations().filter(({ type }) => type === 'user' || type === 'mfa');
  return { ports, tenant, people, toRequest, ask, told, reads };
}

describe('createPersonReader', () => {
  it('reads a person, the way in and the MFA row, and tells them through the log', async () => {
    const { tenant, ask, told } = setUp();
    const userId = tenant.nested[0]!;
    tenant.report.set(userId, toRow(userId));
    const read = await ask(userId);
    assert.deepEqual([read?.found, read?.inGroup, read?.mfa, read?.failure], ['yes', true, 'capable', null]);
    assert.deepEqual(read?.groupPath, [tenant.groupId, tenant.nestedId]);
    assert.deepEqual(
      told().map(({ type, source }) => [type, source]),
      [
        ['user', 'request'],
        ['mfa', 'request'],
      ],
    );
    const [user] = told();
    assert.deepEqual(user?.type === 'user' && user.membership?.groupPath, [tenant.groupId, tenant.nestedId]);
  });

  it('of an outsider keeps only that, and asks nothing of MFA; of who is gone says so', async () => {
    const { tenant, ask, told } = setUp();
    const outsider = await ask(tenant.outside[0]!);
    assert.deepEqual([outsider?.inGroup, outsider?.groupPath, outsider?.mfa], [false, [], null]);
    const gone = tenant.direct[0]!;
    tenant.users.delete(gone);
    assert.equal((await ask(gone))?.found, 'soft');
    assert.deepEqual(
      told().map((one) => one.type === 'user' && one.user === null),
      [false, true],
    );
  });

  it('reads once for a request that comes again after a start, and not for one that nobody waits for', async () => {
    const { tenant, ask, ports } = setUp();
    const userId = tenant.direct[0]!;
    await ask(userId);
    const { length } = ports.published;
    await ask(userId);
    assert.equal(ports.published.length, length);
    assert.equal(await ask(tenant.direct[1]!, 6 * 60_000), undefined);
  });

  it('tells a read that failed as such, in words', async () => {
    const { tenant, ask, ports } = setUp();
    ports.graphs.delete(tenant.settings.integrationId);
    const read = await ask(tenant.direct[0]!);
    assert.deepEqual([read?.found, read?.failure?.code, read?.inGroup], ['unknown', 'token.refused', null]);
  });

  it('reads a person while more requests for a tenant that does not answer wait than there are slots', async () => {
    const { ports, tenant, people, toRequest, reads } = setUp();
    const hanging = createTenant(() => ports.clock.now);
    ports.settings.set(hanging.settings.integrationId, hanging.settings);
    ports.graphs.set(hanging.settings.integrationId, hanging);
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    hanging.graph.readUsers = () => answered.then(() => []);
    for (const userId of hanging.direct.slice(0, 3)) await people.request(toRequest(userId, hanging));
    const userId = tenant.direct[0]!;
    await people.request(toRequest(userId));
    await eventually(() => reads.get(userId), { within: 5_000, what: 'the other tenant’s person is read' });
    answer();
    await people.idle();
  });

  /** A second tenant, whose Graph answers when told to. */
  function setUpHanging() {
    const setting = setUp({ patienceMs: 600_000 });
    const { ports } = setting;
    const hanging = createTenant(() => ports.clock.now);
    ports.settings.set(hanging.settings.integrationId, hanging.settings);
    ports.graphs.set(hanging.settings.integrationId, hanging);
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const { readUsers } = hanging.graph;
    const asked: string[] = [];
    hanging.graph.readUsers = async (userIds, ...rest) => {
      asked.push(...userIds);
      await answered;
      return readUsers(userIds, ...rest);
    };
    const isAsked = () => eventually(() => asked.length > 0, { within: 5_000, what: 'the slow tenant is asked' });
    return { ...setting, hanging, asked, isAsked, answer: () => answer() };
  }

  it('lets a tenant of whom two hundred people are asked for take one slot', async () => {
    const { hanging, asked, isAsked, answer, people, tenant, toRequest, reads } = setUpHanging();
    for (let count = 0; count < 200; count += 1) await people.request(toRequest(randomUUID(), hanging));
    await isAsked();
    const userId = tenant.direct[0]!;
    await people.request(toRequest(userId));
    await eventually(() => reads.get(userId), { within: 5_000, what: 'the other tenant’s person is read' });
    assert.equal(asked.length, 1);
    answer();
    await people.idle();
    assert.equal(reads.size, 201, 'everybody is read in the end');
  });

  it('reads once who is asked for again and again meanwhile, and answers the newest request', async () => {
    const { hanging, asked, isAsked, answer, people, toRequest, reads, ports } = setUpHanging();
    const userId = hanging.direct[0]!;
    await people.request(toRequest(userId, hanging));
    await isAsked();
    for (let count = 0; count < 50; count += 1) {
      ports.clock.now = new Date(ports.clock.now.getTime() + 1);
      await people.request(toRequest(userId, hanging));
    }
    // A repeat of an earlier one, as after a start.
    await people.request(toRequest(userId, hanging, 20));
    answer();
    await people.idle();
    // The first read had begun before the others asked.
    assert.deepEqual(asked, [userId, userId]);
    assert.equal(reads.get(userId)?.requestedAt, ports.clock.now.toISOString());
  });

  it('does not read any more who waited longer than anybody waits', async () => {
    const { hanging, asked, isAsked, answer, people, toRequest, ports } = setUpHanging();
    const [first, second] = hanging.direct;
    await people.request(toRequest(first!, hanging));
    await isAsked();
    await people.request(toRequest(second!, hanging));
    ports.clock.now = new Date(ports.clock.now.getTime() + 6 * 60_000);
    answer();
    await people.idle();
    assert.deepEqual(asked, [first]);
  });
});
