import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { syncRequest, verifyClientState, type SubscriptionRecord, type SyncRequest } from '@muster/contracts';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import { createResources, eventually, readAll, testServers } from '@muster/test-support';
import type { Keeper } from '../src/keep-subscribed.js';
import { startReceiver, type Receiver } from './support/receiver.js';
import { createRealWorld, type RealWorld, type Tenant } from './support/real-world.js';

const MINUTE = 60_000;
/** The database at hand now and then takes seconds for each bulk, for a minute or so. */
const SLOW = { within: 100_000 };

/** Real Kafka and MongoDB; Graph is the simulator over https, with its handshakes. */
describe('the keeper of subscriptions against Graph, Kafka and MongoDB', function () {
  this.timeout(330_000);
  const { kafkaBrokers, mongodbUri, tlsCertFile, tlsKeyFile } = testServers();
  const resources = createResources('subscription', mongodbUri);
  const keys = [randomBytes(32)];
  let simulator: Simulator;
  let receiver: Receiver;
  let world: RealWorld;

  before(async () => {
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    receiver = await startReceiver(tls);
    resources.onRemove(() => receiver.stop());
    simulator = await createSimulator({ tls });
    const graphUrl = await simulator.start();
    resources.onRemove(() => simulator.stop());
    const { prefix, mongodbUri: uri, onRemove } = resources;
    const servers = { brokers: kafkaBrokers.split(','), mongodbUri: uri, prefix, onRemove };
    world = await createRealWorld({ ...servers, simulator, graphUrl, receiverUrl: receiver.origin, keys });
  });
  afterEach(() => simulator.control.setFaults({}));
  after(() => resources.remove());

  const atGraph = ({ settings }: Tenant) =>
    simulator.control.subscriptions().filter(({ tenantId }) => tenantId === settings.tenantId);
  const recordsOf = ({ settings }: Tenant): Promise<SubscriptionRecord[]> =>
    world.store.subscriptions.ofIntegration(settings.integrationId);
  const sweepsOf = async ({ settings }: Tenant): Promise<SyncRequest[]> => {
    const events = await readAll(world.log, 'requests');
    const requests = events.map(({ value }) => syncRequest.parse(JSON.parse(value?.toString() ?? 'null')));
    return requests.filter(({ integrationId }) => integrationId === settings.integrationId);
  };
  const idsOf = (list: readonly { id: string }[]): string[] => list.map(({ id }) => id).sort();
  /** Both are live at Graph and recorded as they are there. */
  const settled = (tenant: Tenant) =>
    eventually(
      async () => {
        const records = await recordsOf(tenant);
        assert.deepEqual(
          records.map(({ status, failure }) => ({ status, failure })),
          [0, 1].map(() => ({ status: 'live', failure: null })),
        );
        assert.deepEqual(records.map(({ subscriptionId }) => subscriptionId).sort(), idsOf(atGraph(tenant)));
        return records;
      },
      { ...SLOW, what: 'both subscriptions, recorded' },
    );
  const subscribed = async (keeper: Keeper): Promise<Tenant> => {
    const tenant = await world.addTenant();
    await keeper.lookAtNew();
    await settled(tenant);
    return tenant;
  };
  /** Graph challenges the subscription on users. */
  const reauthorize = async (keeper: Keeper, tenant: Tenant): Promise<void> => {
    const { integrationId, tenantId } = tenant.settings;
    const [users] = (await recordsOf(tenant)).filter(({ entity }) => entity === 'user');
    await keeper.onLifecycle({
      version: 1,
      integrationId,
      tenantId,
      subscriptionId: users?.subscriptionId ?? '',
      lifecycleEvent: 'reauthorizationRequired',
      receivedAt: new Date().toISOString(),
    });
  };

  it('subscribes a started integration to users and group, proves its addresses, asks for a sweep', async () => {
    const { keeper } = world.createCopy();
    const tenant = await subscribed(keeper);
    const { tenantId, integrationId, groupId } = tenant.settings;
    const held = atGraph(tenant);
    assert.deepEqual(held.map(({ resource }) => resource).sort(), [`groups/${groupId ?? ''}`, 'users']);
    for (const { notificationUrl, lifecycleNotificationUrl, clientState } of held) {
      assert.equal(notificationUrl, `${receiver.origin}/graph/notifications`);
      assert.equal(lifecycleNotificationUrl, `${receiver.origin}/graph/lifecycle`);
      assert.deepEqual(verifyClientState(clientState, tenantId, keys), { proved: true, integrationId, keyIndex: 0 });
    }
    assert.ok(receiver.handshakes.includes('/graph/notifications') && receiver.handshakes.includes('/graph/lifecycle'));
    for (const { resource, expiresAt, subscriptionId } of await recordsOf(tenant)) {
      const one = held.find(({ id }) => id === subscriptionId);
      assert.equal(Date.parse(expiresAt ?? ''), one?.expiresAt, resource);
    }
    const sweeps = await eventually(async () => {
      const found = await sweepsOf(tenant);
      return found.length === 2 && found;
    }, SLOW);
    assert.ok(sweeps.every(({ type, requestedBy }) => type === 'sweep' && requestedBy === 'subscription'));

    await keeper.lookAtAll({ inventory: true });
    await keeper.lookAtNew();
    assert.deepEqual(idsOf(atGraph(tenant)), idsOf(held));
    assert.equal((await sweepsOf(tenant)).length, 2);
  });

  it('creates each once though two copies, and several looks of each, work at once', async () => {
    const copies = [world.createCopy(), world.createCopy()];
    const tenant = await world.addTenant();
    await Promise.all(
      copies.flatMap(({ keeper }) => [keeper.lookAtNew(), keeper.lookAtAll(), keeper.lookAtAll({ inventory: true })]),
    );
    await settled(tenant);
    const calls = copies.flatMap(({ calls: made }) => made);
    const created = calls.filter(({ kind, tenantId }) => kind === 'create' && tenantId === tenant.settings.tenantId);
    assert.equal(created.length, 2);
    assert.equal((await sweepsOf(tenant)).length, 2);
  });

  it('keeps the subscriptions of a paused integration, ends and forgets those of a removed one', async () => {
    const { keeper } = world.createCopy();
    const tenant = await subscribed(keeper);
    const before = idsOf(atGraph(tenant));
    await world.change(tenant, { state: 'paused' });
    await keeper.lookAtNew();
    await keeper.lookAtAll({ inventory: true });
    assert.deepEqual([idsOf(atGraph(tenant)), (await recordsOf(tenant)).length], [before, 2]);
    await world.change(tenant, { state: 'removed' });
    await keeper.lookAtNew();
    await eventually(async () => (await recordsOf(tenant)).length === 0, { ...SLOW, what: 'no record left' });
    assert.deepEqual(atGraph(tenant), []);
  });

  it('creates anew what was deleted behind its back, and asks for a sweep again', async () => {
    const { keeper, calls } = world.createCopy();
    const tenant = await subscribed(keeper);
    const [lost] = (await recordsOf(tenant)).filter(({ entity }) => entity === 'user');
    await world.graphFor(tenant.settings).deleteSubscription(lost?.subscriptionId ?? '');
    // It is young: whatever finds this out must not be a PATCH.
    await keeper.lookAtAll({ inventory: true });
    assert.ok(calls.every(({ kind }) => kind !== 'renew'));
    const records = await settled(tenant);
    assert.ok(records.every(({ subscriptionId }) => subscriptionId !== lost?.subscriptionId));
    await eventually(async () => (await sweepsOf(tenant)).length === 3, { ...SLOW, what: 'the third sweep' });
  });

  /** Deleted behind our back, so that only an inventory can tell. */
  const loseUsers = async (tenant: Tenant): Promise<string> => {
    const [lost] = (await recordsOf(tenant)).filter(({ entity }) => entity === 'user');
    await world.graphFor(tenant.settings).deleteSubscription(lost?.subscriptionId ?? '');
    return lost?.subscriptionId ?? '';
  };
  const listsOf = (copies: readonly { calls: { kind: string; tenantId: string }[] }[], { settings }: Tenant): number =>
    copies
      .flatMap(({ calls }) => calls)
      .filter(({ kind, tenantId }) => kind === 'list' && tenantId === settings.tenantId).length;

  it('finds with the first look behind a pause what was deleted in it, once for all copies and restarts', async () => {
    const copies = [world.createCopy(), world.createCopy()];
    const tenant = await subscribed(copies[0]!.keeper);
    await world.change(tenant, { state: 'paused' });
    const lost = await loseUsers(tenant);
    await Promise.all(copies.map(({ keeper }) => keeper.lookAtNew()));
    await world.change(tenant, { state: 'active', resumedAt: new Date().toISOString() });
    await Promise.all(copies.map(({ keeper }) => keeper.lookAtNew()));
    const records = await settled(tenant);
    assert.ok(records.every(({ subscriptionId }) => subscriptionId !== lost));
    await eventually(async () => (await recordsOf(tenant)).every(({ inventoriedAt }) => inventoriedAt), SLOW);
    copies.push(world.createCopy());
    for (const { keeper } of copies) {
      await keeper.lookAtNew();
      await keeper.lookAtAll();
    }
    assert.equal(listsOf(copies, tenant), 1);
  });

  it('finds with the next look of the minute what was deleted, once a sweep has lost changes of people', async () => {
    const tenant = await subscribed(world.createCopy().keeper);
    const lost = await loseUsers(tenant);
    const later = world.createCopy({ aheadMs: 5 * MINUTE });
    await later.keeper.lookAtAll();
    assert.equal(listsOf([later], tenant), 0);
    const { integrationId, tenantId } = tenant.settings;
    const [from, to] = [1, 4].map((minutes) => new Date(Date.now() + minutes * MINUTE).toISOString());
    await world.store.coverage.save({
      ...{ sweepId: `${integrationId}/${from!}`, integrationId, tenantId, from: from!, to: to!, state: 'covered' },
      ...{ rows: 1, announced: 0, found: 1, lost: 1, worstDelayMs: 0, suspects: [], judgedAt: to! },
    });
    await later.keeper.lookAtAll();
    const records = await settled(tenant);
    assert.ok(records.every(({ subscriptionId }) => subscriptionId !== lost));
    await eventually(async () => (await recordsOf(tenant)).every(({ inventoriedAt }) => inventoriedAt), SLOW);
    await later.keeper.lookAtAll();
    assert.equal(listsOf([later], tenant), 1);
  });

  it('sends no second PATCH after it was killed between the answer to one and the write of its record', async () => {
    const tenant = await subscribed(world.createCopy().keeper);
    const killed = world.createCopy({ aheadMs: 11 * MINUTE, dies: true });
    await assert.rejects(reauthorize(killed.keeper, tenant), /killed/);
    const restarted = world.createCopy({ aheadMs: 12 * MINUTE });
    await restarted.keeper.lookAtNew();
    await reauthorize(restarted.keeper, tenant);
    const users = await eventually(async () => {
      const found = (await recordsOf(tenant)).find(({ entity }) => entity === 'user');
      return found?.renewedAt != null && found;
    }, SLOW);
    assert.deepEqual([users.failure, users.unsureAt, users.reauthoriseWantedAt], [null, undefined, undefined]);
    const patches = [killed, restarted].map(({ calls }) => calls.filter(({ kind }) => kind === 'renew').length);
    assert.deepEqual(patches, [1, 0]);
  });

  it('answers reauthorizationRequired by one PATCH, and by none within the next 10 min', async () => {
    const tenant = await subscribed(world.createCopy().keeper);
    const renewedAt = async () => (await recordsOf(tenant)).find(({ entity }) => entity === 'user')?.renewedAt ?? null;
    assert.equal(await renewedAt(), null);
    const later = world.createCopy({ aheadMs: 11 * MINUTE });
    await reauthorize(later.keeper, tenant);
    const first = await renewedAt();
    assert.ok(first !== null && Date.parse(first) > Date.now() + 10 * MINUTE);
    const soon = world.createCopy({ aheadMs: 20 * MINUTE });
    await reauthorize(soon.keeper, tenant);
    assert.deepEqual([await renewedAt(), soon.calls], [first, []]);
    const afterwards = world.createCopy({ aheadMs: 22 * MINUTE });
    await reauthorize(afterwards.keeper, tenant);
    const patches = [...later.calls, ...afterwards.calls];
    assert.deepEqual(
      patches.map(({ kind }) => kind),
      ['renew', 'renew'],
    );
    assert.ok(((await renewedAt()) ?? '') > first);
  });

  it('does not let the wrong secret of one tenant delay another, and records why without the secret', async () => {
    const { keeper } = world.createCopy();
    const broken = await world.addTenant({ clientSecret: 'wrong-secret-of-one' });
    const good = await world.addTenant();
    await keeper.lookAtNew();
    await settled(good);
    const failed = await eventually(async () => {
      const records = await recordsOf(broken);
      return records.length === 2 && records;
    }, SLOW);
    assert.deepEqual(
      failed.map(({ status, subscriptionId, failure }) => [status, subscriptionId, failure?.code]),
      [0, 1].map(() => ['missing', null, 'token.refused']),
    );
    const told = JSON.stringify([failed, world.logged()]);
    assert.match(told, /secret/i);
    assert.doesNotMatch(told, /wrong-secret-of-one/);
    for (const { clientState } of atGraph(good)) assert.ok(clientState !== null && !told.includes(clientState));
  });

  it('is refused the group without the right to it, keeps the users, and tells the reason', async () => {
    const { keeper } = world.createCopy();
    const tenant = await world.addTenant({ permissions: ['User.Read.All'] });
    await keeper.lookAtNew();
    const records = await eventually(async () => {
      const found = await recordsOf(tenant);
      return found.length === 2 && found;
    }, SLOW);
    const told = records.map(({ entity, status, failure }) => [entity, status, failure?.code ?? null]);
    assert.deepEqual(told.sort(), [
      ['group', 'refused', 'graph.forbidden'],
      ['user', 'live', null],
    ]);
  });

  it('comes back within seconds to what failed first', async () => {
    const { keeper } = world.createCopy();
    const tenant = await world.addTenant();
    const { tenantId } = tenant.settings;
    simulator.control.setFaults({
      rules: [{ type: 'error', status: 503, tenantId, path: '/subscriptions', share: 1 }],
    });
    await keeper.lookAtNew();
    await eventually(async () => (await recordsOf(tenant)).length === 2, { ...SLOW, what: 'the failures' });
    assert.deepEqual(atGraph(tenant), []);
    simulator.control.setFaults({});
    let looks = 0;
    await eventually(
      async () => {
        looks += 1;
        await keeper.lookAtNew();
        return atGraph(tenant).length === 2;
      },
      { ...SLOW, every: 200, what: 'both subscriptions' },
    );
    // Some 15 s of them, unless a server stands still meanwhile.
    assert.ok(looks <= 75, `${looks} looks`);
    await settled(tenant);
  });
});
