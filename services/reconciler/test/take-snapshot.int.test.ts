import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  observation,
  PROJECTOR_GROUPS,
  type Observation,
  type SnapshotRecord,
  type TopicRole,
} from '@muster/contracts';
import { createKafkaEventLog, type EventLog, type Publisher } from '@muster/event-log';
import { connectStore, type Store } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { createResources, eventually, patiently, testServers } from '@muster/test-support';
import { createReconciler, type Reconciler, type ReconcilerDeps } from '../src/reconciler.js';
import { requestsPart } from '../src/requests-part.js';
import { createSnapshotMetrics } from '../src/snapshot-metrics.js';
import { toDocument, toInsert } from './support/documents.js';
import { unavailable } from './support/memory-graph.js';
import { createTenant, toUser, type Tenant } from './support/tenant.js';

type Seen = { topic: TopicRole; partition: number; offset: bigint; value: Observation };
const logger = createLogger({ service: 'reconciler-test', level: 'silent' });

/** Real Kafka and MongoDB; Graph in memory; end marks answered as the projector does. */
describe('the reconciler on Kafka and MongoDB', () => {
  const { kafkaBrokers, mongodbUri } = testServers();
  const resources = createResources('reconciler', mongodbUri);
  const graphs = new Map<string, Tenant>();
  const seen: Seen[] = [];
  let store: Store;
  let log: EventLog;
  let publisher: Publisher;
  let deps: ReconcilerDeps;

  before(async () => {
    store = await patiently(() => connectStore({ uri: resources.mongodbUri, logger }));
    resources.onRemove(() => store.close());
    log = createKafkaEventLog({
      brokers: kafkaBrokers.split(','),
      clientId: 'reconciler-test',
      topicPrefix: resources.prefix,
      logger,
    });
    resources.onRemove(() => log.close());
    await patiently(log.ensureTopics);
    publisher = log.publisher();
    await publisher.start();
    resources.onRemove(() => publisher.stop());
    const projector = log.consumer({
      groupId: PROJECTOR_GROUPS.observations,
      topics: ['observations', 'sweeps'],
      fromBeginning: true,
      handle: async ({ topic, events, partition }) => {
        for (const { value, offset } of events) {
          const one = observation.parse(JSON.parse(value?.toString() ?? 'null'));
          seen.push({ topic, partition, offset: BigInt(offset), value: one });
          if (one.type === 'snapshot-end')
            await store.snapshots.projected(one.snapshotId, partition, new Date().toISOString());
        }
      },
      onCrash: (error) => assert.fail(error),
    });
    await projector.start();
    resources.onRemove(() => projector.stop());
    deps = {
      store,
      publisher,
      graphFor: ({ integrationId }) => graphs.get(integrationId)!.graph,
      now: () => new Date(),
      logger,
      metrics: createSnapshotMetrics(createMetrics({ service: 'reconciler-test' })),
      newId: randomUUID,
      projectionLimitMs: 30_000,
      settleMs: 2_000,
      caughtUp: () => Promise.resolve(true),
      removalLimit: { least: 5, percent: 10 },
      periods: { usersEvery: 86_400_000, usersSecondRead: 900_000, mfaEvery: 3_600_000, sweepMinInterval: 1 },
      holder: 'a copy',
      leaseMs: 30_000,
      concurrency: 4,
    };
  });
  after(() => resources.remove());

  async function addTenant(): Promise<Tenant> {
    const tenant = createTenant();
    graphs.set(tenant.settings.integrationId, tenant);
    await store.integrations.insert(tenant.settings);
    return tenant;
  }
  async function addDocuments({ settings: { tenantId } }: Tenant, userIds: readonly string[]): Promise<void> {
    const writes = userIds.map((userId) => toInsert(toDocument({ tenantId, user: toUser(userId) })));
    assert.deepEqual((await store.users.write(writes)).refused, []);
  }
  const settle = async (reconciler: Reconciler): Promise<void> => {
    await reconciler.lookAtNew();
    await reconciler.idle();
  };
  const lastOf = async ({ settings }: Tenant): Promise<SnapshotRecord> => {
    const [last] = (await store.snapshots.newest(settings.integrationId, 10)).filter(({ kind }) => kind === 'users');
    assert.ok(last);
    return last;
  };
  const seenOf = ({ settings }: Tenant): Seen[] => seen.filter(({ value }) => value.tenantId === settings.tenantId);
  const people = (tenant: Tenant): string[] =>
    seenOf(tenant).flatMap(({ value }) => (value.type === 'user' ? [value.userId] : []));

  it('publishes all in scope exactly once, no outsider, and end marks behind the rows of all 12 partitions', async () => {
    const tenant = await addTenant();
    await settle(createReconciler(deps));
    const record = await lastOf(tenant);
    assert.deepEqual([record.state, record.failure, record.rows], ['complete', null, 35]);
    assert.equal(Object.keys(record.projected).length, 12);
    assert.deepEqual(people(tenant).sort(), [...tenant.direct, ...tenant.nested].sort());

    const ofRead = seenOf(tenant).filter(({ value }) => value.snapshotId === record.snapshotId);
    const ends = new Map(
      ofRead.filter(({ value }) => value.type === 'snapshot-end').map((end) => [end.partition, end]),
    );
    assert.equal(ends.size, 12);
    for (const { partition, offset, value } of ofRead) {
      const end = ends.get(partition)!;
      assert.ok(value.type === 'snapshot-end' || offset < end.offset, 'a row behind its end mark');
      if (value.type === 'snapshot-end') assert.equal(value.partition, partition);
    }
  });

  it('fails a read that is cut at a page, tells its code, and removes nobody', async () => {
    const tenant = await addTenant();
    await addDocuments(tenant, [...tenant.direct, randomUUID()]);
    tenant.beforePage = (page) => {
      if (page === 3) throw Object.assign(unavailable(), { retryable: false });
    };
    await settle(createReconciler(deps));
    const record = await lastOf(tenant);
    assert.deepEqual([record.state, record.failure?.code, record.pages], ['failed', 'graph.unavailable', 2]);
    assert.ok(seenOf(tenant).every(({ value }) => value.type !== 'snapshot-end'));
    assert.deepEqual(tenant.readById, []);
  });

  it('goes on from the stored link in another process, repairs and removes nobody', async () => {
    const tenant = await addTenant();
    await addDocuments(tenant, [...tenant.direct, randomUUID()]);
    const first = createReconciler({ ...deps, holder: 'first' });
    let stopped: Promise<void> | undefined;
    tenant.beforePage = (page) => {
      if (page === 3) stopped = first.stop();
    };
    await settle(first);
    await stopped;
    const left = await lastOf(tenant);
    assert.deepEqual([left.state, left.nextLink], ['running', 'https://graph.test/next?page=3']);

    tenant.beforePage = () => undefined;
    await settle(createReconciler({ ...deps, holder: 'second' }));
    const record = await lastOf(tenant);
    assert.deepEqual(
      [record.snapshotId, record.state, record.resumed, record.rows, record.failure],
      [left.snapshotId, 'complete', true, 35, null],
    );
    assert.deepEqual(tenant.resumed, ['https://graph.test/next?page=3']);
    assert.deepEqual(tenant.readById, []);
    assert.deepEqual(people(tenant).sort(), [...tenant.direct, ...tenant.nested].sort());
  });

  it('tells who is gone, after confirming it by id', async () => {
    const tenant = await addTenant();
    const gone = randomUUID();
    await addDocuments(tenant, [...tenant.direct, ...tenant.nested, gone]);
    await settle(createReconciler(deps));
    await eventually(() => people(tenant).includes(gone), { what: 'the removal' });
    const told = seenOf(tenant).find(({ value }) => value.type === 'user' && value.userId === gone);
    assert.ok(told?.value.type === 'user' && told.value.user === null && told.value.removed === 'soft');
    assert.equal(told.topic, 'sweeps');
    assert.deepEqual(tenant.readById, [[gone]]);
  });

  it('removes nobody when the group was emptied, and says so', async () => {
    const tenant = await addTenant();
    await addDocuments(tenant, [...tenant.direct, ...tenant.nested]);
    tenant.groups.set(tenant.groupId, []);
    await settle(createReconciler(deps));
    const record = await lastOf(tenant);
    assert.deepEqual([record.state, record.failure?.code], ['complete', 'removals.held']);
    assert.deepEqual(people(tenant), []);
  });

  it('runs once for a request from the topic, though two copies look', async () => {
    const tenant = await addTenant();
    const { integrationId, tenantId } = tenant.settings;
    const copies = ['one', 'other'].map((holder) => createReconciler({ ...deps, holder }));
    await settle(copies[0]!);
    const parts = copies.map((reconciler) =>
      requestsPart({
        log,
        groupId: 'muster.reconciler',
        reconciler,
        sweeper: { request: () => assert.fail('no sweep was asked for'), answer: () => assert.fail('no plan') },
        people: { request: () => assert.fail('no person was asked for') },
        publisher,
        logger,
        now: () => new Date(),
        fail: (error) => assert.fail(error),
      }),
    );
    await Promise.all(parts.map((part) => part.start()));
    try {
      const value = {
        version: 1,
        type: 'users',
        integrationId,
        tenantId,
        reason: 'asked by the test',
        requestedBy: 'test',
        requestedAt: new Date().toISOString(),
      };
      await publisher.publish([{ topic: 'requests', key: tenantId, value }]);
      await eventually(
        async () => {
          await Promise.all(copies.map(settle));
          return (await lastOf(tenant)).reason === 'asked by the test';
        },
        { within: 20_000, what: 'the read that was asked for' },
      );
      await Promise.all(copies.map(settle));
      const records = await store.snapshots.newest(integrationId, 10);
      assert.equal(records.filter(({ reason }) => reason === 'asked by the test').length, 1);
    } finally {
      await Promise.all(parts.map((part) => part.stop()));
    }
  });
});
