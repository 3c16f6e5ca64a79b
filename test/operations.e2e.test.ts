import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { startTestSystem, type System } from './src/system.js';

describe('what an operator asks for', () => {
  let system: System;
  let connected: Connected;
  before(async () => {
    system = await startTestSystem({ label: 'operations', env: { SWEEP_MIN_INTERVAL: '1s' } });
    connected = await connectTenant(system, { people: 60, groupMembers: 30, nestedGroups: 1 });
  });
  after(() => system.stop());

  const everyone = () => system.simulator.truth(connected.tenant.tenantId);

  it('one person is read now, and why in scope or not is told, also of somebody without a document', async () => {
    const { integrationId } = connected;
    const people = await everyone();
    for (const inGroup of [true, false]) {
      const { id } = people.find((user) => user.inGroup === inGroup && user.accountEnabled && !user.deletedDateTime)!;
      const { requestedAt } = await system.admin.post(`/users/${id}/sync?integrationId=${integrationId}`);
      const told = await eventually(
        async () => {
          const answer = await system.admin.get(`/users/${id}/explain?integrationId=${integrationId}`);
          return answer.read?.requestedAt === requestedAt ? answer : undefined;
        },
        { within: 30_000, what: 'the read is done' },
      );
      assert.deepEqual([told.read.found, told.read.inGroup, told.inScope], ['yes', inGroup, inGroup]);
      assert.match(
        told.sentences[0],
        inGroup ? /^In scope: a (direct )?member of/ : /^Not in scope: not in the chosen/,
      );
    }
  });

  it('a rebuild reads everything, and the run says how it went and what it found', async () => {
    const { integrationId } = connected;
    const { reads } = await system.admin.post(`/integrations/${integrationId}/rebuild`);
    assert.deepEqual(reads, ['users', 'mfa']);
    const run = await eventually(
      async () => {
        const { items } = await system.admin.get(`/integrations/${integrationId}/runs?kind=users`);
        return items.find((one: any) => one.reason === 'rebuild of the documents' && one.state === 'complete');
      },
      { within: 60_000, what: 'the rebuild is complete' },
    );
    assert.deepEqual(run.drift, { added: 0, changed: 0, removed: 0 });
    const people = await system.admin.get(`/users?integrationId=${integrationId}&limit=100`);
    assert.ok(
      people.items.every(({ revision }: any) => revision === 1),
      'nothing changed, so nothing is told',
    );
  });

  it('the picture is fresh once a probe came through every partition, and a change is in the lag', async () => {
    const { integrationId, tenant } = connected;
    const person = (await everyone()).find((user) => user.inGroup && !user.deletedDateTime)!;
    await system.simulator.call('PATCH', `/tenants/${tenant.tenantId}/users/${person.id}`, { department: 'Moved' });
    await eventually(
      async () => {
        const { points } = await system.admin.get(`/integrations/${integrationId}/lag`);
        return points.some(({ steps }: any) => steps.some(({ step, p95 }: any) => step === 'ours' && p95 > 0));
      },
      { within: 30_000, what: 'the lag of the change' },
    );
    await eventually(
      async () => {
        const { integrations } = await system.admin.get('/status');
        const { verdict } = integrations.find((one: any) => one.integrationId === integrationId);
        if (verdict.verdict !== 'fresh') throw new Error(JSON.stringify(verdict));
        return true;
      },
      { within: 120_000, every: 1_000, what: 'fresh' },
    );
  }).timeout(200_000);

  it('a dead letter is replayed: poison comes back as one, what is mended is handled', async () => {
    const { integrationId, tenant } = connected;
    const publisher = system.eventLog.publisher();
    await publisher.start();
    const list = async () => (await system.admin.get('/dead-letters?limit=50')).items;
    const poison = '{"version":1,"no":"event"}';
    const key = `${tenant.tenantId}/poison`;
    await publisher.publish([{ topic: 'notifications', key, value: Buffer.from(poison) }]);
    const lettersOfKey = (count: number) =>
      eventually(
        async () => {
          const found = (await list()).filter(({ origin }: any) => origin.key === key);
          return found.length === count && found;
        },
        { within: 30_000, what: `${count} dead letters` },
      );
    const [first] = await lettersOfKey(1);
    const { replayed } = await system.admin.post(`/dead-letters/${first.partition}/${first.offset}/replay`);
    assert.equal(replayed.times, 1);
    const [again, earlier] = await lettersOfKey(2);
    assert.deepEqual([again.payload, again.origin.topic, again.replayed], [first.payload, first.origin.topic, null]);
    assert.equal(again.origin.partition, first.origin.partition, 'the same key, so the same partition');
    assert.equal(earlier.replayed.times, 1);

    // What an earlier build could not read, and this one can: the person is read. Sweeps come every three minutes.
    await system.simulator.call('PUT', '/faults', { dropNotifications: 1 });
    const person = (await everyone()).find((user) => user.inGroup && !user.deletedDateTime)!;
    const personKey = `${tenant.tenantId}/${person.id}`;
    await system.simulator.call('PATCH', `/tenants/${tenant.tenantId}/users/${person.id}`, { jobTitle: 'Replayed' });
    const mended = {
      version: 1,
      integrationId,
      tenantId: tenant.tenantId,
      subscriptionId: integrationId,
      entity: 'user',
      entityId: person.id,
      changeType: 'updated',
      receivedAt: new Date().toISOString(),
    };
    const value = {
      version: 1,
      origin: { topic: 'graph.notifications', partition: 0, offset: '0', key: personKey },
      reason: { code: 'event.unknown-version', message: 'has a version that this build does not know' },
      value: Buffer.from(JSON.stringify(mended)).toString('base64'),
      at: new Date().toISOString(),
    };
    await publisher.publish([{ topic: 'deadLetters', key: personKey, value }]);
    await publisher.stop();
    const letter = (await list()).find(({ origin }: any) => origin.key === personKey);
    assert.notEqual((await system.store.users.get(personKey))?.jobTitle, 'Replayed');
    await system.admin.post(`/dead-letters/${letter.partition}/${letter.offset}/replay`);
    await eventually(async () => (await system.store.users.get(personKey))?.jobTitle === 'Replayed', {
      within: 30_000,
      what: 'the replayed notification is handled',
    });
    await system.simulator.call('DELETE', '/faults');
  });
});
