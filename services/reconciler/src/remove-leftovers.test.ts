import assert from 'node:assert/strict';
import type { IntegrationSettings } from '@muster/contracts';
import { toSettings } from '@muster/test-support';
import { setUpReads } from '../test/support/full-reads.js';

/** 35 people have documents: 10 of them outsiders of the group that the new integration chose. */
function setUpSuccessor(over: Partial<IntegrationSettings> = {}) {
  const reads = setUpReads();
  const { ports, tenant, know, users } = reads;
  const removed = toSettings({ tenantId: tenant.settings.tenantId, state: 'removed', ...over });
  ports.settings.set(removed.integrationId, removed);
  know([...tenant.direct, ...tenant.nested, ...tenant.outside]);
  // As the projector notes whom the new integration sees.
  const { publish } = ports.deps.publisher;
  ports.deps.publisher.publish = async (events) => {
    await publish(events);
    const seenAt = new Map(users().map(({ userId, observedAt, user }) => [userId, user && observedAt]));
    for (const person of ports.people.get(tenant.settings.tenantId) ?? [])
      person.observedAt = seenAt.get(person.userId) ?? person.observedAt;
  };
  const gone = () => users().filter(({ user, membership }) => user === null || membership?.inGroup === false);
  return { ...reads, gone };
}

describe('the first load after a removed integration', () => {
  it('removes whom it does not admit, without an admin, in the name of a plan that says so', async () => {
    const { ports, tenant, run, gone } = setUpSuccessor();
    const record = await run();
    assert.deepEqual([record.state, record.failure], ['complete', null]);
    assert.deepEqual(tenant.readById, [[...tenant.outside]], 'each is confirmed by id, once');
    const [plan, second] = ports.plans.values();
    assert.ok(plan && !second);
    assert.deepEqual([plan.state, plan.decidedBy, plan.inScope], ['done', 'Muster, by rule', 35]);
    assert.ok(plan.candidates.every(({ state }) => state === 'removed'));
    assert.deepEqual(
      gone().map(({ userId, planId }) => [userId, planId]),
      tenant.outside.map((userId) => [userId, plan.planId]),
    );
  });

  it('knows them though our clock is behind that of Microsoft', async () => {
    const { ports, tenant, run, gone } = setUpSuccessor();
    tenant.graph.clockSkewMs = () => -300_000;
    const at = (minutes: number) => new Date(Date.parse(tenant.settings.createdAt) + minutes * 60_000);
    for (const person of ports.people.get(tenant.settings.tenantId) ?? []) person.observedAt = at(4).toISOString();
    ports.clock.now = at(6);
    assert.equal((await run()).failure, null);
    assert.equal(gone().length, tenant.outside.length);
  });

  it('asks an admin for too many of those whom this integration saw itself', async () => {
    const { ports, tenant, run, gone } = setUpSuccessor();
    const at = new Date(Date.parse(tenant.settings.createdAt) + 1_000).toISOString();
    ports.clock.now = new Date(Date.parse(at) + 60_000);
    const own = tenant.outside.slice(0, 7);
    for (const person of ports.people.get(tenant.settings.tenantId) ?? [])
      if (own.includes(person.userId)) person.observedAt = at;
    const { failure } = await run();
    assert.equal(failure?.code, 'removals.held');
    assert.match(failure.message, /^7 of 32 people/);
    assert.deepEqual(
      gone().map(({ userId }) => userId),
      tenant.outside.slice(7),
    );
    const waiting = [...ports.plans.values()].filter(({ state }) => state === 'waiting');
    assert.deepEqual(
      waiting.flatMap(({ candidates }) => candidates.map(({ userId }) => userId)),
      own,
    );
  });

  it('is the only one: later reads go by the limits', async () => {
    const { ports, run, gone, know } = setUpSuccessor();
    ports.people.clear();
    await run();
    know(Array.from({ length: 9 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`));
    assert.equal((await run()).failure?.code, 'removals.held');
    assert.deepEqual(gone(), []);
  });

  it('removes them when it was resumed, too, and nobody else', async () => {
    const { ports, tenant, run, gone } = setUpSuccessor();
    const [admitted = ''] = tenant.direct;
    for (const person of ports.people.get(tenant.settings.tenantId) ?? [])
      if (person.userId === admitted) person.observedAt = tenant.settings.createdAt;
    tenant.users.delete(admitted);
    tenant.beforePage = (page) => {
      if (page === 3) throw new Error('killed');
    };
    const cut = await run();
    tenant.beforePage = () => undefined;
    const resumed = await run({ resume: { ...cut, state: 'running', failure: null, finishedAt: null } });
    assert.deepEqual([resumed.resumed, resumed.state, resumed.failure], [true, 'complete', null]);
    assert.deepEqual(
      gone()
        .map(({ userId }) => userId)
        .toSorted(),
      tenant.outside.toSorted(),
    );
  });

  it('keeps those who could not be confirmed for the next sweep', async () => {
    const { ports, tenant, run, gone } = setUpSuccessor();
    const { readUsers } = tenant.graph;
    const [lost = ''] = tenant.outside;
    tenant.graph.readUsers = async (ids, options) =>
      (await readUsers(ids, options)).map((read) =>
        read.userId === lost
          ? { userId: lost, observedAt: read.observedAt, found: 'failed', failure: new Error('no answer') }
          : read,
      );
    const { state, failure } = await run();
    assert.deepEqual([state, failure?.code], ['complete', 'removals.unconfirmed']);
    assert.match(failure?.message ?? '', /the next sweep looks again/);
    assert.equal(gone().length, 9);
    const [plan] = ports.plans.values();
    assert.deepEqual([plan?.state, plan?.candidates.filter((one) => one.state === 'allowed').length], ['allowed', 1]);
  });

  it('without one it is a read as any other', async () => {
    const { run, gone } = setUpSuccessor({ state: 'paused' });
    assert.equal((await run()).failure?.code, 'removals.held');
    assert.deepEqual(gone(), []);
  });
});
