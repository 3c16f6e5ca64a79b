import assert from 'node:assert/strict';
import { directoryChange, toPersonKey, type DirectoryChange } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import { compareWithTruth } from './src/compare-with-truth.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { startTestSystem, type System } from './src/system.js';

describe('the whole pipeline', () => {
  let system: System;
  let connected: Connected;
  const document = (userId: string) => system.store.users.get(toPersonKey(connected.tenant.tenantId, userId));
  const people = async () => (await system.simulator.truth(connected.tenant.tenantId)).filter((user) => user.inGroup);
  const change = (method: string, path: string, body?: unknown) =>
    system.simulator.call(method, `/tenants/${connected.tenant.tenantId}${path}`, body);

  before(async () => {
    system = await startTestSystem({ label: 'pipeline' });
    connected = await connectTenant(system, { people: 120, groupMembers: 80, nestedGroups: 1 });
  });
  after(() => system.stop());

  it('gives everyone in the chosen group a document, and nobody else', async () => {
    assert.deepEqual(await compareWithTruth(system.store, system.simulator, connected.tenant), []);
    assert.equal(await system.store.users.count({ tenantId: connected.tenant.tenantId }), connected.inScope);
  });

  it('keeps the path of someone who is in through a nested group', async () => {
    const nested = (await people()).find((user) => user.groupPath.length === 2);
    assert.ok(nested, 'the simulated tenant has someone in a nested group');
    assert.deepEqual((await document(nested.id))?.groupPath, nested.groupPath);
  });

  it('loads the MFA report, and calls nobody without a row "no MFA"', async () => {
    const truth = await people();
    const reported = truth.filter((user) => user.mfa !== null && user.accountEnabled);
    await eventually(
      async () => {
        const counts = await system.store.mfa.countByState(connected.tenant.tenantId);
        return counts.capable + counts.registered + counts['not-registered'] === reported.length;
      },
      { within: 30_000, what: `${reported.length} rows of the MFA report have a document` },
    );
    const disabled = truth.find((user) => !user.accountEnabled)!;
    const { body } = await system.admin.call('GET', `/users/${disabled.id}`);
    assert.equal(body.mfaState, 'unknown');
  });

  it('tells a change that was stored and that nobody told, while the projector runs', async () => {
    const { id } = (await people()).at(-1)!;
    const key = toPersonKey(connected.tenant.tenantId, id);
    const { document: before, version } = (await system.store.users.load([key])).get(key)!;
    const changedAt = new Date(Date.now() - 60_000).toISOString();
    const after = { ...before, revision: before.revision + 1, changedAt };
    const [created] = (await readChanges(system)).filter((one) => one.subject === id);
    const pending: DirectoryChange = {
      ...created!,
      id: `users/${key}/${after.revision}`,
      type: 'muster.user.updated',
      time: changedAt,
      data: { revision: after.revision, changed: ['department'], document: after },
    };
    const base = { revision: before.revision, version, document: before };
    await system.store.users.write([{ kind: 'update', id: key, base, document: after, pending }]);
    await eventually(async () => (await readChanges(system)).some((one) => one.id === pending.id), {
      within: 60_000,
      what: 'the change is told',
    });
  });

  it('shows a renamed person through the API', async () => {
    const [person] = await people();
    await change('PATCH', `/users/${person!.id}`, { displayName: 'Renamed Person' });
    const seen = await eventually(
      async () => {
        const { body } = await system.admin.call('GET', `/users/${person!.id}`);
        return body.displayName === 'Renamed Person' ? body : undefined;
      },
      { within: 30_000, what: 'the new name is seen' },
    );
    assert.ok(seen.revision > 1);
  });

  it('takes someone out who leaves the group, and in again who comes back', async () => {
    const person = (await people()).find((user) => user.groupPath.length === 1 && user.accountEnabled)!;
    const membership = `/groups/${connected.tenant.groupId}/members/${person.id}`;
    await change('DELETE', membership);
    await eventually(async () => (await document(person.id))?.status === 'out-of-scope', {
      within: 30_000,
      what: 'out of scope',
    });
    assert.equal((await document(person.id))?.ssoEnabled, false);
    await change('PUT', membership);
    await eventually(async () => (await document(person.id))?.status === 'active', {
      within: 30_000,
      what: 'active again',
    });
  });

  it('takes someone out at once who leaves a nested group', async () => {
    const person = (await people()).find((user) => user.groupPath.length === 2 && user.accountEnabled)!;
    await change('DELETE', `/groups/${person.groupPath[1]!}/members/${person.id}`);
    await eventually(async () => (await document(person.id))?.status === 'out-of-scope', {
      within: 30_000,
      what: 'out of scope',
    });
  });

  it('mends the path of someone who stays in by another way', async () => {
    const person = (await people()).find((user) => user.groupPath.length === 2 && user.accountEnabled)!;
    const direct = `/groups/${connected.tenant.groupId}/members/${person.id}`;
    const pathIs = (path: string[]) => async () => (await document(person.id))?.groupPath.join() === path.join();
    await change('PUT', direct);
    await eventually(pathIs([connected.tenant.groupId]), { within: 30_000, what: 'the shortest path' });
    await change('DELETE', direct);
    await eventually(pathIs(person.groupPath), { within: 30_000, what: 'the path through the nested group' });
  });

  it('follows someone who is disabled, deleted and restored', async () => {
    const person = (await people()).find((user) => user.accountEnabled)!;
    const becomes = (status: string) =>
      eventually(async () => (await document(person.id))?.status === status, { within: 30_000, what: status });
    await change('PATCH', `/users/${person.id}`, { accountEnabled: false });
    await becomes('disabled');
    await change('DELETE', `/users/${person.id}`);
    await becomes('deleted');
    await change('POST', `/users/${person.id}/restore`);
    await becomes('disabled');
    await change('PATCH', `/users/${person.id}`, { accountEnabled: true });
    await becomes('active');
  });

  it('gives a new member of the group a document with what Graph says of the person', async () => {
    const joined = await change('POST', '/users', { displayName: 'New Colleague', inGroup: true });
    const seen = await eventually(async () => (await document(joined.id)) ?? undefined, {
      within: 30_000,
      what: 'a document',
    });
    assert.equal(seen.displayName, 'New Colleague');
    assert.deepEqual(seen.groupPath, [connected.tenant.groupId]);
  });

  it('tells each change once and in order: no gap in anyone’s revisions', async () => {
    assert.deepEqual(await compareWithTruth(system.store, system.simulator, connected.tenant), []);
    const changes = await readChanges(system);
    const revisions = new Map<string, number[]>();
    for (const { id, data } of changes) {
      const person = id.slice(0, id.lastIndexOf('/'));
      const told = revisions.get(person) ?? [];
      if (!told.includes(data.revision)) revisions.set(person, [...told, data.revision]);
    }
    for (const [person, told] of revisions)
      assert.deepEqual(
        told,
        told.map((_, index) => index + 1),
        `${person} was told as ${told.join(', ')}`,
      );
    assert.ok(revisions.size >= connected.inScope);
  });

  it('answers nothing without a key', async () => {
    for (const path of ['/users', '/integrations', '/status']) {
      const answer = await fetch(`${system.origins.admin}/api/v1${path}`);
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get('content-type') ?? '', /application\/problem\+json/);
    }
  });
});

async function readChanges(system: System): Promise<DirectoryChange[]> {
  const events = await system.eventLog.readNewest('changes', 10_000);
  return events.toReversed().map((event) => directoryChange.parse(JSON.parse(event.value!.toString())));
}
