import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isFailure, type SubscriptionRecord } from '@muster/contracts';
import { createResources, eventually, patiently, testServers } from '@muster/test-support';
import { connectStore, createSealer, openActiveProof, toSecretContext, type Store } from '../src/index.js';
import { at, integration, silent } from './fixtures.js';
import { createLink } from './link.js';

describe('settings, leases and lag in MongoDB', () => {
  const resources = createResources('control', testServers().mongodbUri);
  let store: Store;
  let clock = new Date(at(0));
  before(async () => {
    store = await patiently(() => connectStore({ uri: resources.mongodbUri, logger: silent, now: () => clock }));
  });
  after(async () => {
    await store.close();
    await resources.remove();
  });

  describe('leases', () => {
    it('give one of many racing holders the lease, and it to another only after it expired', async () => {
      const holders = Array.from({ length: 10 }, (_, index) => `holder-${index}`);
      const got = await Promise.all(holders.map((holder) => store.leases.acquire('inventory', holder, 1_000)));
      assert.equal(got.filter(Boolean).length, 1);
      const holder = holders[got.indexOf(true)]!;
      assert.equal(await store.leases.acquire('inventory', holder, 1_000), true, 'its holder may renew');
      assert.equal(await store.leases.acquire('inventory', 'other', 1_000), false);
      clock = new Date(clock.getTime() + 1_001);
      const took = await Promise.all(['a', 'b', 'c'].map((name) => store.leases.acquire('inventory', name, 1_000)));
      assert.equal(took.filter(Boolean).length, 1);
      await store.leases.release('inventory', holder);
      assert.equal(await store.leases.acquire('inventory', holder, 1_000), false, 'only its holder releases');
    });
  });

  describe('leases of a time to come', () => {
    it('are taken over once the clock is right again, by one; those of a clock a little ahead are not', async () => {
      const right = clock;
      clock = new Date(right.getTime() + 3_600_000);
      assert.equal(await store.leases.acquire('ahead', 'gone', 60_000), true);
      clock = new Date(right.getTime() + 5_000);
      assert.equal(await store.leases.acquire('a little ahead', 'there', 60_000), true);
      clock = right;
      const took = await Promise.all(['a', 'b', 'c'].map((name) => store.leases.acquire('ahead', name, 60_000)));
      assert.equal(took.filter(Boolean).length, 1);
      assert.equal(await store.leases.acquire('a little ahead', 'other', 60_000), false);
    });
  });

  describe('subscriptions', () => {
    it('keep what Graph asked for until they are saved anew, and nothing of one that is not recorded', async () => {
      const integrationId = randomUUID();
      const record: SubscriptionRecord = {
        ...{ integrationId, tenantId: randomUUID(), entity: 'user', resource: '/users', subscriptionId: randomUUID() },
        ...{ status: 'live', notificationUrl: 'https://receiver.example', signedWith: 'key', expiresAt: at(60) },
        ...{ createdAt: at(0), deliversSince: at(0), renewedAt: null, failure: null },
      };
      await store.subscriptions.save(record);
      const wish = { reauthoriseWantedAt: at(5) };
      await store.subscriptions.want(integrationId, record.subscriptionId!, wish);
      await store.subscriptions.want(integrationId, randomUUID(), { recreateWantedAt: at(5) });
      assert.deepEqual(await store.subscriptions.ofIntegration(integrationId), [{ ...record, ...wish }]);
      const wished = { ...record, ...wish };
      const late = { ...record, renewedAt: at(6) };
      assert.deepEqual(await store.subscriptions.save(late), wished, 'made before the wish came: nothing is saved');
      assert.deepEqual(await store.subscriptions.ofIntegration(integrationId), [wished]);
      assert.equal(await store.subscriptions.save(late, wish), null);
      assert.deepEqual(await store.subscriptions.ofIntegration(integrationId), [late]);
    });

    it('keep when Graph was asked for all of one integration', async () => {
      const toRecord = (integrationId: string, resource: string): SubscriptionRecord => ({
        ...{ integrationId, tenantId: randomUUID(), entity: 'user', resource, subscriptionId: randomUUID() },
        ...{ status: 'live', notificationUrl: 'https://receiver.example', signedWith: 'key', expiresAt: at(60) },
        ...{ createdAt: at(0), deliversSince: at(0), renewedAt: null, failure: null },
      });
      const [mine, other] = [randomUUID(), randomUUID()];
      const records = [toRecord(mine, '/groups/1'), toRecord(mine, '/users')];
      const elsewhere = toRecord(other, '/users');
      for (const record of [...records, elsewhere]) await store.subscriptions.save(record);
      await store.subscriptions.inventoried(mine, at(5));
      const asked = records.map((record) => ({ ...record, inventoriedAt: at(5) }));
      assert.deepEqual(await store.subscriptions.ofIntegration(mine), asked);
      assert.deepEqual(await store.subscriptions.ofIntegration(other), [elsewhere]);
    });
  });

  describe('lag', () => {
    it('sums what was added by step and bucket since a minute', async () => {
      const integrationId = randomUUID();
      const measure = (ms: number, minute: number) =>
        ({ integrationId, step: 'total', ms, at: new Date(Date.now() - minute * 60_000) }) as const;
      await Promise.all([
        store.lag.add([measure(3, 0), measure(4, 0), measure(150, 2)]),
        store.lag.add([measure(5, 0), measure(99_000_000, 60)]),
      ]);
      const sums = await store.lag.sum(integrationId, new Date(Date.now() - 10 * 60_000));
      assert.equal(sums.total[0], 3);
      assert.equal(sums.total[5], 1);
      assert.equal(
        sums.total.reduce((sum, count) => sum + count, 0),
        4,
      );
      assert.ok(sums.graph.every((count) => count === 0));
    });

    it('gives the same by slices of time, and none where nothing was measured', async () => {
      const integrationId = randomUUID();
      const measure = (ms: number, time: string) =>
        ({ integrationId, step: 'ours', ms, at: new Date(`2026-03-01T${time}:30.000Z`) }) as const;
      await store.lag.add([measure(3, '08:01'), measure(4, '08:04'), measure(150, '08:11'), measure(9, '07:59')]);
      const span = { since: new Date('2026-03-01T08:00:10.000Z'), until: new Date('2026-03-01T09:00:00.000Z') };
      const series = await store.lag.series(integrationId, { ...span, everyMs: 300_000 });
      assert.deepEqual(
        series.map(({ at: slice, counts }) => [slice, counts.ours[0], counts.ours[5]]),
        [
          ['2026-03-01T08:00:00.000Z', 2, 0],
          ['2026-03-01T08:10:00.000Z', 0, 1],
        ],
      );
    });

    it('keeps the newest canary of each partition', async () => {
      await store.lag.heard([{ integrationId: randomUUID(), resource: '/users', receivedAt: at(1) }]);
      await store.lag.canary(3, new Date(at(1)), 10);
      await store.lag.canary(3, new Date(at(2)), 12);
      assert.deepEqual(await store.lag.canaries(), [
        { partition: 3, at: at(2), ms: 12, since: new Date(Date.parse(at(1)) - 10).toISOString() },
      ]);
    });

    it('keeps the newest notification of each watch, whoever tells it last, and no other integration sees it', async () => {
      const [integrationId, other] = [randomUUID(), randomUUID()];
      const users = { integrationId, resource: '/users' };
      await store.lag.heard([{ ...users, receivedAt: at(5) }]);
      await store.lag.heard([
        { ...users, receivedAt: at(3) },
        { integrationId, resource: '/groups/a', receivedAt: at(4) },
        { integrationId: other, resource: '/users', receivedAt: at(9) },
      ]);
      const heard = await store.lag.lastHeard(integrationId);
      assert.deepEqual(Object.fromEntries(heard.map(({ resource, receivedAt }) => [resource, receivedAt])), {
        '/users': at(5),
        '/groups/a': at(4),
      });
      await store.lag.heard([]);
    });

    it('knows since when no canary was missing at the receiver, though some waited for the projector', async () => {
      const minute = (count: number) => new Date(Date.UTC(2026, 0, 1, 0, count));
      const sinceOf = async () => (await store.lag.canaries()).find(({ partition }) => partition === 9)?.since;
      for (const count of [0, 1, 2, 3]) await store.lag.canary(9, minute(count), 0);
      assert.equal(await sinceOf(), minute(0).toISOString());
      // Received in time, handled much later: the projector was down.
      for (const count of [4, 5, 6, 7]) await store.lag.canary(9, minute(20), (20 - count) * 60_000);
      assert.equal(await sinceOf(), minute(0).toISOString());
      // The receiver was down for 15 minutes.
      for (const count of [22, 23]) await store.lag.canary(9, minute(count), 0);
      assert.equal(await sinceOf(), minute(22).toISOString());
    });
  });

  describe('integrations', () => {
    it('refuse a second one of the same tenant until the first is removed', async () => {
      const first = integration();
      const second = integration({ tenantId: first.tenantId });
      const taken = (error: unknown) => isFailure(error) && error.code === 'integration.tenant-taken';
      await store.integrations.insert(first);
      await assert.rejects(store.integrations.insert(second), taken);
      assert.equal(await store.integrations.replace({ ...first, state: 'removed', revision: 2 }, 1), true);
      await store.integrations.insert(second);
      await assert.rejects(store.integrations.replace({ ...first, revision: 3 }, 2), taken);
    });

    it('let the first of two admins save, and tell the second', async () => {
      const settings = integration();
      await store.integrations.insert(settings);
      assert.equal(await store.integrations.replace({ ...settings, name: 'One', revision: 2 }, 1), true);
      assert.equal(await store.integrations.replace({ ...settings, name: 'Two', revision: 2 }, 1), false);
      assert.equal((await store.integrations.get(settings.integrationId))?.name, 'One');
    });

    it('are found by the number of their last save, whether new or edited', async () => {
      const [one, other] = [integration(), integration()];
      await store.integrations.insert(one);
      await store.integrations.insert(other);
      const all = await store.integrations.saved(null);
      const last = Math.max(...all.map(({ sequence }) => sequence ?? 0));
      assert.deepEqual(await store.integrations.saved(last), []);
      const renamed = { ...one, name: 'Renamed', revision: 2 };
      assert.equal(await store.integrations.replace(renamed, 1), true);
      assert.equal(await store.integrations.replace({ ...renamed, revision: 9 }, 8), false);
      const found = await store.integrations.saved(last);
      assert.deepEqual(
        found.map(({ settings }) => settings),
        [renamed],
      );
      assert.ok((found[0]?.sequence ?? 0) > last);
      const ids = new Set(all.map(({ settings }) => settings.integrationId));
      assert.ok(ids.has(one.integrationId) && ids.has(other.integrationId));
    });

    it('may be the first of a database, many at one time', async () => {
      for (let round = 0; round < 10; round += 1) {
        const fresh = createResources('first saves', testServers().mongodbUri);
        const own = await patiently(() => connectStore({ uri: fresh.mongodbUri, logger: silent }));
        try {
          await Promise.all(Array.from({ length: 8 }, () => own.integrations.insert(integration())));
          const numbers = (await own.integrations.saved(null)).map(({ sequence }) => sequence ?? 0);
          assert.deepEqual(numbers.sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
        } finally {
          await own.close();
          await fresh.remove();
        }
      }
    }).timeout(300_000);

    it('hold client secrets sealed only, and give them back through the key ring', async () => {
      const sealer = createSealer([Buffer.from(Array.from({ length: 32 }, (_, index) => index))]);
      const integrationId = randomUUID();
      const sealed = sealer.seal('the client secret', toSecretContext(integrationId, 'a'));
      const slot = { slot: 'a', sealed, hint: 'cret', expiresAt: at(9), addedAt: at(1) } as const;
      await store.integrations.insert(integration({ integrationId, secrets: [slot], activeSlot: 'a' }));
      const read = await store.integrations.get(integrationId);
      assert.ok(read && !JSON.stringify(read).includes('the client secret'));
      assert.deepEqual(openActiveProof(read, sealer), { clientSecret: 'the client secret' });
    });
  });

  it('says store.unavailable, retryable, for whatever is asked during an outage, and works again after it', async () => {
    const link = await createLink(resources.mongodbUri);
    const linked = await connectStore({ uri: link.uri, logger: silent, serverSelectionTimeoutMs: 300, indexes: false });
    const asked: Record<string, () => Promise<unknown>> = {
      ping: () => linked.ping(),
      read: () => linked.users.get('nobody'),
      bulk: () => linked.users.write([{ kind: 'touch', id: 'nobody', base: { revision: 1 }, observedAt: at(1) }]),
      upsert: () => linked.leases.acquire('outage', 'holder', 1_000),
      increments: () => linked.lag.add([{ integrationId: 'x', step: 'total', ms: 1, at: new Date() }]),
      stream: () => linked.users.ids('nobody')[Symbol.asyncIterator]().next(),
    };
    await asked.ping?.();
    await link.cut();
    for (const [name, ask] of Object.entries(asked)) {
      await assert.rejects(
        ask(),
        (error) => isFailure(error) && error.code === 'store.unavailable' && error.retryable,
        name,
      );
    }
    await link.mend();
    await eventually(() => linked.ping().then(() => true), { within: 15_000 });
    for (const ask of Object.values(asked)) await ask();
    await linked.close();
    await link.cut();
  });

  it('says store.unavailable, retryable, when no server answers', async () => {
    const uri = 'mongodb://127.0.0.1:9/muster?directConnection=true';
    await assert.rejects(
      connectStore({ uri, logger: silent, serverSelectionTimeoutMs: 200 }),
      (error) => isFailure(error) && error.code === 'store.unavailable' && error.retryable,
    );
  });
});
