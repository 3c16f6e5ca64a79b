import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { deadLetter, Failure, PROJECTED_TOPICS, toPersonKey, ZERO_ID } from '@muster/contracts';
import { createResources, eventually, testServers, toMfaRow, toUser, toUserDocument } from '@muster/test-support';
import { toUserChangeEvent } from '../src/domain/change-events.js';
import { addPeople, assertApart, createWorld, reasonOf, type Tenant, type World } from './world.js';

/** The database at hand now and then takes seconds for each bulk, for a minute or so. */
const WITHIN = { within: 100_000 };

describe('the projector on Kafka and MongoDB', function () {
  this.timeout(330_000);
  let world: World;
  const leftBehind = toUserDocument();
  before(async () => {
    const servers = testServers();
    const { prefix, mongodbUri } = createResources('projector', servers.mongodbUri);
    world = await createWorld({ kafkaBrokers: servers.kafkaBrokers, mongodbUri, prefix });
    // An earlier life stored this change and died before it was on the feed.
    const id = toPersonKey(leftBehind.tenantId, leftBehind.userId);
    const pending = toUserChangeEvent(leftBehind, 'created', []);
    await world.store.users.write([{ kind: 'insert', id, document: leftBehind, pending }]);
    await world.startProjector();
  });
  after(() => world.stop());

  const documentOf = ({ settings }: Tenant, userId: string) =>
    world.store.users.get(toPersonKey(settings.tenantId, userId));
  const changesOf = (userId: string, count: number) =>
    eventually(() => world.changesOf(userId).length >= count && world.changesOf(userId), {
      ...WITHIN,
      what: `${count} changes`,
    });
  /** Everything published before of this person is done when a later change of the person is on the feed. */
  const settle = async (tenant: Tenant, userId: string) => {
    const jobTitle = `settled ${randomUUID()}`;
    await tenant.observe({ type: 'user', userId, user: toUser({ userId, jobTitle }) }, 3_600);
    await eventually(
      () => world.changes.some(({ data: { document } }) => 'jobTitle' in document && document.jobTitle === jobTitle),
      WITHIN,
    );
    return world.changesOf(userId);
  };
  const someSweepsOf = (tenant: Tenant) =>
    eventually(async () => {
      const found = await world.sweepsOf(tenant);
      return found.length > 0 && found;
    }, WITHIN);

  it('reads whom a notification names, writes the document and tells the change', async () => {
    const tenant = await world.addTenant();
    const user = tenant.addUser({ displayName: 'Berta' });
    await addPeople(world, tenant, 1);
    const eventTime = new Date(Date.now() - 500).toISOString();
    await tenant.notify({ entityId: user.userId, changeType: 'created', eventTime });
    assert.deepEqual(await changesOf(user.userId, 1), ['muster.user.created 1']);
    const document = await documentOf(tenant, user.userId);
    assert.deepEqual([document?.displayName, document?.status, document?.ssoEnabled], ['Berta', 'active', true]);
    const lag = await eventually(async () => {
      const sums = await world.store.lag.sum(tenant.settings.integrationId, new Date(Date.now() - 600_000));
      return sums.total.some((count) => count > 0) && sums;
    }, WITHIN);
    for (const counts of Object.values(lag))
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        1,
      );

    tenant.directory.users.delete(user.userId);
    await tenant.notify({ entityId: user.userId, changeType: 'deleted' });
    assert.deepEqual((await changesOf(user.userId, 2)).at(-1), 'muster.user.deleted 2');
    assert.equal((await documentOf(tenant, user.userId))?.status, 'deleted');
  });

  it('changes nothing when events are delivered again, or late', async () => {
    const tenant = await world.addTenant();
    const { userId, ...rest } = toUser();
    const observe = (displayName: string, seconds: number) =>
      tenant.observe({ type: 'user', userId, user: { ...rest, userId, displayName } }, seconds);
    await observe('Second', -5);
    await observe('First', -10);
    await observe('Second', -5);
    await observe('Third', -1);
    await observe('Second', -5);
    await tenant.observe({ type: 'user', userId, user: null }, -8);
    const types = await settle(tenant, userId);
    const document = await documentOf(tenant, userId);
    assert.equal(document?.displayName, 'Anna');
    // Events of one batch become one change; whichever way they fell, no number is missing or told twice.
    assert.deepEqual(
      types.map((type) => Number(type.split(' ')[1])),
      types.map((_, index) => index + 1),
    );
    assert.ok(
      types.every((type) => /created 1|updated/.test(type)),
      types.join(),
    );
  });

  it('sends what cannot be read to the dead letters once, and goes on behind it', async () => {
    const tenant = await world.addTenant();
    const user = tenant.addUser();
    const key = toPersonKey(tenant.settings.tenantId, user.userId);
    const value = { version: 99, note: user.userId };
    await world.publisher.publish([{ topic: 'notifications', key, value }]);
    await tenant.notify({ entityId: user.userId });
    await changesOf(user.userId, 1);
    // Of one batch, changes are told before dead letters.
    const letters = await eventually(async () => {
      const found = (await world.log.readNewest('deadLetters', 100))
        .map(({ value }) => deadLetter.parse(JSON.parse(String(value))))
        .filter(({ origin }) => origin.key === key);
      return found.length > 0 && found;
    }, WITHIN);
    assert.equal(letters.length, 1);
    assert.equal(letters[0]?.reason.code, 'event.unknown-version');
    assert.equal(letters[0].origin.topic, 'graph.notifications');
    assert.deepEqual(JSON.parse(Buffer.from(letters[0].value ?? '', 'base64').toString()), value);
  });

  it('asks for a sweep of a tenant that cannot be read, and serves the next one', async () => {
    const [throttled, healthy] = [await world.addTenant(), await world.addTenant()];
    throttled.directory.failure = new Failure('graph.throttled', 'Too many requests', {
      retryable: true,
      retryAfterMs: 60_000,
    });
    const users = Array.from({ length: 12 }, () => healthy.addUser());
    // Enough people that every partition holds both tenants.
    for (const { userId } of users) {
      await throttled.notify({ entityId: randomUUID() });
      await healthy.notify({ entityId: userId });
    }
    for (const { userId } of users) await changesOf(userId, 1);
    const sweeps = await someSweepsOf(throttled);
    assert.match(reasonOf(sweeps.at(-1)), /graph\.throttled/);
    assertApart(sweeps);
    assert.deepEqual(await world.sweepsOf(healthy), []);
    const { integrationId } = throttled.settings;
    assert.ok((await world.store.announced.since(integrationId, new Date(0))).size > 0);
  });

  it('spends nothing on outsiders of the group, and reads who enters it, with the MFA row', async () => {
    const tenant = await world.addTenant({ groupId: randomUUID() });
    const groupId = tenant.settings.groupId!;
    await addPeople(world, tenant, 1);
    const [outsider, member] = [tenant.addUser(), tenant.addUser()];
    tenant.directory.members.add(member.userId);
    tenant.directory.mfa.set(member.userId, toMfaRow(member.userId));
    await tenant.notify({ entityId: outsider.userId });
    await tenant.observe({ type: 'mfa', userId: outsider.userId, row: toMfaRow(outsider.userId) });
    await tenant.observe({ type: 'membership', userId: member.userId, groupId, inGroup: true, groupPath: [groupId] });
    const changes = await changesOf(member.userId, 2);
    assert.deepEqual(changes, ['muster.user.created 1', 'muster.mfa.changed 1']);
    assert.deepEqual((await documentOf(tenant, member.userId))?.groupPath, [groupId]);

    // The same partition as the outsider's notification, so that it is known to have been handled.
    tenant.directory.members.add(outsider.userId);
    assert.deepEqual(tenant.directory.reads, [member.userId]);
    await tenant.notify({ entity: 'group', entityId: groupId, members: [{ id: outsider.userId, removed: false }] });
    assert.equal((await changesOf(outsider.userId, 1))[0], 'muster.user.created 1');
    assert.deepEqual(tenant.directory.reads, [member.userId, outsider.userId]);

    tenant.directory.members.delete(outsider.userId);
    await tenant.notify({ entity: 'group', entityId: groupId, members: [{ id: outsider.userId, removed: true }] });
    assert.equal((await changesOf(outsider.userId, 2)).at(-1), 'muster.user.left-scope 2');
    assert.equal((await documentOf(tenant, outsider.userId))?.ssoEnabled, false);
  });

  const nestedMember = async () => {
    const [groupId, nestedId] = [randomUUID(), randomUUID()];
    const tenant = await world.addTenant({ groupId });
    await addPeople(world, tenant, 1);
    const person = tenant.addUser();
    const groupPath = [groupId, nestedId];
    tenant.directory.members.add(person.userId);
    await tenant.observe({ type: 'membership', userId: person.userId, groupId, inGroup: true, groupPath });
    await changesOf(person.userId, 1);
    return { tenant, person, groupId, nestedId };
  };

  it('tells the path of who enters the chosen group itself, and has it looked for when another way remains', async () => {
    const { tenant, person, groupId } = await nestedMember();
    await tenant.notify({ entity: 'group', entityId: groupId, members: [{ id: person.userId, removed: false }] });
    await changesOf(person.userId, 2);
    assert.deepEqual((await documentOf(tenant, person.userId))?.groupPath, [groupId]);
    assert.deepEqual(await world.sweepsOf(tenant), []);

    // The directory still says "in": through the nested group.
    await tenant.notify({ entity: 'group', entityId: groupId, members: [{ id: person.userId, removed: true }] });
    assert.match(reasonOf((await someSweepsOf(tenant)).at(-1)), /by another way/);
  });

  it('takes out at once who leaves a nested group, and asks for a sweep of the tree', async () => {
    const { tenant, person, nestedId } = await nestedMember();
    tenant.directory.members.delete(person.userId);
    await tenant.notify({ entity: 'group', entityId: nestedId, members: [{ id: person.userId, removed: true }] });
    assert.equal((await changesOf(person.userId, 2)).at(-1), 'muster.user.left-scope 2');
    await eventually(async () => (await world.sweepsOf(tenant)).length === 1, WITHIN);
  });

  it('asks for a sweep when a group changed without saying who, or a member is no person', async () => {
    const groupId = randomUUID();
    const [silent, nested] = [await world.addTenant({ groupId }), await world.addTenant({ groupId })];
    await silent.notify({ entity: 'group', entityId: groupId });
    await nested.notify({ entity: 'group', entityId: groupId, members: [{ id: randomUUID(), removed: false }] });
    for (const tenant of [silent, nested]) {
      await eventually(async () => (await world.sweepsOf(tenant)).length === 1, WITHIN);
    }
  });

  it('drops events of integrations that are not served', async () => {
    const tenant = await world.addTenant({ state: 'removed' });
    const other = await world.addTenant();
    const user = toUser();
    await tenant.observe({ type: 'user', userId: user.userId, user });
    await tenant.notify({ entityId: user.userId });
    // A foreign tenant's person under another integration.
    await world.publisher.publish([
      {
        topic: 'observations',
        key: toPersonKey(tenant.settings.tenantId, user.userId),
        value: {
          version: 1,
          integrationId: other.settings.integrationId,
          tenantId: tenant.settings.tenantId,
          source: 'delta',
          observedAt: new Date().toISOString(),
          type: 'user',
          userId: user.userId,
          user,
        },
      },
    ]);
    for (const topic of PROJECTED_TOPICS) await eventually(async () => (await world.lag(topic)) === 0, WITHIN);
    assert.equal(await documentOf(tenant, user.userId), null);
    assert.deepEqual(tenant.directory.reads, []);
  });

  it('answers a snapshot by partition after its rows, and notes canaries', async () => {
    const tenant = await world.addTenant();
    const { integrationId, tenantId } = tenant.settings;
    const snapshotId = randomUUID();
    const at = new Date().toISOString();
    await world.store.snapshots.insert({
      snapshotId,
      integrationId,
      tenantId,
      kind: 'users',
      state: 'running',
      reason: 'test',
      pages: 0,
      rows: 0,
      expectedRows: null,
      nextLink: null,
      resumed: false,
      startedAt: at,
      publishedAt: null,
      finishedAt: null,
      failure: null,
      projected: {},
    });
    const users = Array.from({ length: 40 }, () => toUser());
    const source = 'full' as const;
    for (const user of users) await tenant.observe({ type: 'user', userId: user.userId, user, source });
    for (let partition = 0; partition < 12; partition += 1) {
      await tenant.observe({ type: 'snapshot-end', snapshotId, kind: 'users', partition, rows: users.length, source });
    }
    await eventually(
      async () => Object.keys((await world.store.snapshots.get(snapshotId))?.projected ?? {}).length === 12,
      WITHIN,
    );
    assert.equal(await world.store.users.count({ tenantId }), users.length);

    const value = {
      version: 1,
      integrationId: ZERO_ID,
      tenantId: ZERO_ID,
      subscriptionId: ZERO_ID,
      entity: 'canary',
      entityId: '7',
      changeType: 'updated',
      receivedAt: new Date().toISOString(),
    };
    await world.publisher.publish([{ topic: 'notifications', key: `${ZERO_ID}/7`, partition: 7, value }]);
    const [canary] = await eventually(async () => {
      const found = await world.store.lag.canaries();
      return found.length > 0 && found;
    }, WITHIN);
    assert.equal(canary?.partition, 7);
  });

  it('tells the change that an earlier life stored and could not publish', async () => {
    assert.deepEqual([...new Set(await changesOf(leftBehind.userId, 1))], ['muster.user.created 1']);
    await eventually(async () => (await world.store.users.leftovers(10)).length === 0, WITHIN);
  });
});
