import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs';
import { PROJECTOR_GROUPS } from '@muster/contracts';
import { eventually, patiently } from '@muster/test-support';
import { connectStore } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import { makeTopics } from '../make-topics.js';
import { startProgram, type Program } from '../program.js';
import { readTopic } from '../read-topic.js';
import type { Context } from '../row.js';
import { createScope } from '../servers.js';

const logger = createLogger({ service: 'bench', level: 'silent' });
const GROUP = PROJECTOR_GROUPS.notifications;
const DRAIN_MINUTES = 5;

/** One program that projects, with topics and a database of its own, and a hand on both ends of it. */
export type Pipeline = {
  program: Program;
  scope: Scope;
  tenants: readonly Tenant[];
  /** Queues one notification for each of these people, of the first tenant unless another is named. */
  notify: (userIds: readonly string[], tenant?: Tenant) => Promise<void>;
  /** Resolves when nothing is left to project. */
  drained: () => Promise<void>;
  /** Messages that are not yet projected. */
  lag: () => Promise<number>;
  /** When the last change of each person was produced, ms since epoch: its document was written just before. */
  changedAt: () => Promise<Map<string, number>>;
  stop: () => Promise<void>;
};

/** Where a row's programs keep their things. */
export type Scope = { prefix: string; mongodbUri: string };
export type Tenant = ReturnType<typeof toSettings>;
export type PipelineSpec = {
  name: string;
  file: string;
  delayMs?: number;
  integrations?: number;
  nodeArgs?: readonly string[];
  /** Further variables of the program. */
  env?: (tenants: readonly Tenant[]) => Record<string, string>;
};

export const ours = { name: 'projector', file: 'services/projector/dist/test/instant-graph.fixture.js' };
export const raw = { name: 'raw-projector', file: 'test/dist/bench/baselines/raw-projector.js' };

export async function startPipeline(
  { servers, options }: Context,
  label: string,
  spec: PipelineSpec,
): Promise<Pipeline> {
  const { name, file, delayMs = 0, integrations = 1, nodeArgs = [] } = spec;
  const { prefix, mongodbUri } = createScope(servers, label);
  const within = (options.limitMinutes ?? DRAIN_MINUTES) * 60_000;
  const brokers = servers.kafkaBrokers.split(',');
  await makeTopics(servers, prefix);
  const tenants = await insertTenants(mongodbUri, integrations);
  const kafka = new Kafka({ brokers, clientId: 'bench', logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer({ idempotent: true, maxInFlightRequests: 1 })];
  await Promise.all([admin.connect(), producer.connect()]);
  const env = {
    KAFKA_BROKERS: servers.kafkaBrokers,
    KAFKA_TOPIC_PREFIX: prefix,
    MONGODB_URI: mongodbUri,
    GRAPH_DELAY_MS: String(delayMs),
    ...spec.env?.(tenants),
  };
  const topic = `${prefix}graph.notifications`;
  const ready = async (): Promise<boolean> => {
    const { groups } = await admin.describeGroups([`${prefix}${GROUP}`]);
    return groups[0]?.state === 'Stable';
  };
  const program = await startProgram(servers, {
    name: `${label}-${name}`,
    file,
    env,
    nodeArgs,
    ready,
    readyPath: null,
    profile: name === 'projector' ? options.profile : null,
  });
  const lag = (): Promise<number> => readLag(admin, topic, `${prefix}${GROUP}`);
  return {
    program,
    scope: { prefix, mongodbUri },
    tenants,
    lag,
    notify: async (userIds, tenant = tenants[0]) => {
      if (tenant) await notify(producer, topic, tenant, userIds);
    },
    drained: async () => {
      await eventually(async () => (await lag()) === 0, { within, every: 50, what: `${name} has drained` });
    },
    changedAt: () => readTimes(kafka, admin, `${prefix}directory.changes`),
    stop: async () => {
      await program.stop();
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}

export type Pair = { ours: Pipeline; baseline: Pipeline };

/** Muster's projector and the raw loop, each with its own things, until `run` ends. */
export async function withPair<T>(context: Context, label: string, delayMs: number, run: (pair: Pair) => Promise<T>) {
  const mine = await startPipeline(context, label, { ...ours, delayMs });
  const baseline = await startPipeline(context, label, { ...raw, delayMs });
  try {
    return await run({ ours: mine, baseline });
  } finally {
    await Promise.all([mine.stop(), baseline.stop()]);
  }
}

/** Makes the collections and their indexes, too. */
export async function insertTenants(uri: string, count: number): Promise<Tenant[]> {
  const store = await patiently(() => connectStore({ uri, logger }));
  const tenants = Array.from({ length: count }, toSettings);
  for (const tenant of tenants) await store.integrations.insert(tenant);
  await store.close();
  return tenants;
}

async function readLag(admin: Admin, topic: string, groupId: string): Promise<number> {
  const ends = await admin.fetchTopicOffsets(topic);
  const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const done = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
  return ends.reduce((sum, { partition, high }) => sum + Number(high) - (done.get(partition) ?? 0), 0);
}

const toSettings = () => {
  const at = new Date().toISOString();
  return {
    integrationId: randomUUID(),
    name: 'Bench',
    tenantId: randomUUID(),
    clientId: randomUUID(),
    cloud: 'custom' as const,
    features: { userSync: true, mfaVerification: true },
    groupId: null,
    includeGuests: true,
    secrets: [],
    activeSlot: null,
    consent: 'application' as const,
    state: 'active' as const,
    revision: 1,
    createdAt: at,
    updatedAt: at,
    startedAt: at,
  };
};

async function notify(
  producer: Producer,
  topic: string,
  { integrationId, tenantId }: Tenant,
  userIds: readonly string[],
): Promise<void> {
  const subscriptionId = randomUUID();
  for (let from = 0; from < userIds.length; from += 1_000) {
    const receivedAt = new Date().toISOString();
    const messages = userIds.slice(from, from + 1_000).map((entityId) => ({
      key: `${tenantId}/${entityId}`,
      value: JSON.stringify({
        version: 1,
        integrationId,
        tenantId,
        subscriptionId,
        entity: 'user',
        entityId,
        changeType: 'updated',
        receivedAt,
      }),
    }));
    await producer.send({ topic, acks: -1, messages });
  }
}

async function readTimes(kafka: Kafka, admin: Admin, topic: string): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  await readTopic({ kafka, admin }, topic, ({ key, timestamp }) => {
    const id = String(key);
    times.set(id.slice(id.indexOf('/') + 1), Number(timestamp));
  });
  return times;
}
