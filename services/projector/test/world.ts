import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  directoryChange,
  PROJECTOR_GROUPS,
  syncRequest,
  topicsOf,
  toPersonKey,
  type Failure,
  type DirectoryChange,
  type DirectoryUser,
  type IntegrationSettings,
  type MfaRegistration,
  type NotificationEvent,
  type Observation,
  type ObservationSource,
  type ProjectedTopic,
  type SyncRequest,
} from '@muster/contracts';
import { createKafkaEventLog, type EventLog, type Publisher } from '@muster/event-log';
import type { Graph, ReadUser } from '@muster/graph-client';
import { systemNow } from '@muster/runtime';
import { connectStore, type Store } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { clearServers, eventually, patiently, readAll, toSettings, toUser } from '@muster/test-support';
import { createRemovalGate } from '../src/gate-removals.js';
import { createIntegrationsCache } from '../src/integrations-cache.js';
import { createLeftToSweep, type LeftToSweep } from '../src/left-to-sweep.js';
import { createProjector } from '../src/projector.js';
import { createProjectorMetrics } from '../src/projector-metrics.js';
import { createPeopleReader } from '../src/read-people.js';
import { createSweeps } from '../src/sweeps.js';

const logger = createLogger({ service: 'projector-test', level: 'silent' });

/** A tenant as Graph would answer it: who is there, who is in the group, who has MFA. */
export type Directory = {
  users: Map<string, DirectoryUser>;
  members: Set<string>;
  mfa: Map<string, MfaRegistration>;
  /** Set: every read fails with it. */
  failure: Failure | null;
  /** Reads are answered when it settles. */
  held: Promise<void>;
  /** Ids of every read, in order. */
  reads: string[];
  /** Resource units of those reads: one a person, four more to ask whether in the group. */
  units: number;
};

const createGraph = (directory: Directory): Graph => {
  const graph: Pick<Graph, 'readUsers' | 'readMfa'> = {
    readUsers: async (userIds, options) => {
      directory.reads.push(...userIds);
      directory.units += userIds.length * (options?.groupId ? 5 : 1);
      if (directory.failure) throw directory.failure;
      await directory.held;
      const observedAt = new Date().toISOString();
      const answer = (userId: string): ReadUser => {
        const user = directory.users.get(userId);
        const inGroup = options?.groupId ? directory.members.has(userId) : null;
        return user
          ? { userId, observedAt, found: 'yes', user, inGroup }
          : { userId, observedAt, found: 'no', removed: 'soft' };
      };
      return userIds.map(answer);
    },
    readMfa: (userId) =>
      Promise.resolve({ row: directory.mfa.get(userId) ?? null, observedAt: new Date().toISOString() }),
  };
  // The projector reads people and MFA rows, nothing else: anything else fails loudly.
  return graph as Graph;
};

export type World = {
  store: Store;
  log: EventLog;
  publisher: Publisher;
  changes: DirectoryChange[];
  left: LeftToSweep;
  changesOf: (userId: string) => string[];
  /** Messages of that topic that the projector has before it. */
  lag: (topic: ProjectedTopic) => Promise<number>;
  /** Requests for a sweep of that tenant, newest first. */
  sweepsOf: (tenant: Tenant) => Promise<SyncRequest[]>;
  addTenant: (fields?: Partial<IntegrationSettings>) => Promise<Tenant>;
  startProjector: () => Promise<void>;
  stop: () => Promise<void>;
};
export type Tenant = {
  settings: IntegrationSettings;
  directory: Directory;
  addUser: (fields?: Partial<DirectoryUser>) => DirectoryUser;
  notify: (event: Partial<NotificationEvent> & Pick<NotificationEvent, 'entityId'>) => Promise<void>;
  /** `seconds` after now. */
  observe: (event: ObservationFields, seconds?: number) => Promise<void>;
  /** At once. */
  observeAll: (events: readonly ObservationFields[], seconds?: number) => Promise<void>;
};
type Common = 'version' | 'integrationId' | 'tenantId' | 'observedAt' | 'source';
/** Seen by a sweep unless it says otherwise. */
type Distribute<T> = T extends Observation ? Omit<T, Common> & { source?: ObservationSource } : never;
export type ObservationFields = Distribute<Observation>;

export type Servers = { kafkaBrokers: string; mongodbUri: string; prefix: string; burstPeople?: number };

export async function createWorld({ kafkaBrokers, mongodbUri, prefix, burstPeople = 60 }: Servers): Promise<World> {
  const store = await patiently(() => connectStore({ uri: mongodbUri, logger }));
  const brokers = kafkaBrokers.split(',');
  const log = createKafkaEventLog({ brokers, clientId: 'projector-test', topicPrefix: prefix, logger });
  await patiently(log.ensureTopics);
  const publisher = log.publisher();
  await publisher.start();
  const directories = new Map<string, Directory>();
  const changes: DirectoryChange[] = [];
  /** The feed tells at least once: a change that is stored but not confirmed yet is told by whoever joins meanwhile. */
  const told = new Set<string>();
  const follower = log.consumer({
    groupId: 'follower',
    topics: ['changes'],
    fromBeginning: true,
    handle: ({ events }) => {
      for (const { value } of events) {
        const change = directoryChange.parse(JSON.parse(String(value)));
        if (!told.has(change.id)) changes.push(change);
        told.add(change.id);
      }
      return Promise.resolve();
    },
    onCrash: raise,
  });
  const metrics = createProjectorMetrics(createMetrics({ service: 'projector-test' }));
  const left = createLeftToSweep({ store, metrics, most: burstPeople, now: systemNow });
  const projector = createProjector({
    log,
    store,
    publisher,
    sweeps: createSweeps({ publisher, leases: store.leases, now: systemNow, settleMs: 0 }),
    left,
    integrations: createIntegrationsCache(store.integrations, systemNow),
    reader: createPeopleReader({
      graphOf: ({ integrationId }) => {
        const directory = directories.get(integrationId);
        if (!directory) throw new Error(`no directory of ${integrationId}`);
        return createGraph(directory);
      },
    }),
    gate: createRemovalGate({ store, limit: { least: 5, percent: 10 }, metrics, logger, now: systemNow }),
    metrics,
    logger,
    now: systemNow,
    onCrash: raise,
  });
  return {
    store,
    log,
    publisher,
    left,
    changes,
    lag: async (topic) => (await log.lag(PROJECTOR_GROUPS[topic], [topic])).reduce((sum, one) => sum + one.lag, 0),
    changesOf: (userId) =>
      changes.filter(({ subject }) => subject === userId).map(({ type, data }) => `${type} ${data.revision}`),
    sweepsOf: async ({ settings }) =>
      (await readAll(log, 'requests'))
        .map(({ value }) => syncRequest.parse(JSON.parse(String(value))))
        .filter(({ integrationId, type }) => integrationId === settings.integrationId && type === 'sweep'),
    addTenant: async (fields = {}) => {
      const tenant = createTenant(publisher, fields);
      directories.set(tenant.settings.integrationId, tenant.directory);
      await store.integrations.insert(tenant.settings);
      return tenant;
    },
    startProjector: async () => {
      await Promise.all([projector.start(), follower.start()]);
    },
    stop: async () => {
      await Promise.all([projector.stop(), follower.stop()]);
      await publisher.stop();
      await log.close();
      await store.close();
      await clearServers({ kafkaBrokers, mongodbUri, prefix });
    },
  };
}

const raise = (error: Error): void => {
  throw error;
};

const toPlace = (seen: Observation): { key: string; partition?: number } =>
  seen.type === 'snapshot-end'
    ? { key: seen.integrationId, partition: seen.partition }
    : { key: toPersonKey(seen.tenantId, seen.type === 'group' ? seen.groupId : seen.userId) };

function createTenant(publisher: Publisher, fields: Partial<IntegrationSettings>): Tenant {
  const settings = toSettings(fields);
  const { integrationId, tenantId } = settings;
  const directory: Directory = {
    users: new Map(),
    members: new Set(),
    mfa: new Map(),
    failure: null,
    held: Promise.resolve(),
    reads: [],
    units: 0,
  };
  const observeAll: Tenant['observeAll'] = async (events, seconds = 0) => {
    const observedAt = new Date(Date.now() + seconds * 1_000).toISOString();
    await publisher.publish(
      events.flatMap((event) => {
        const value: Observation = { version: 1, integrationId, tenantId, source: 'delta', observedAt, ...event };
        return topicsOf(value, { isKnown: true }).map((topic) => ({ topic, value, ...toPlace(value) }));
      }),
    );
  };
  return {
    settings,
    directory,
    addUser: (user = {}) => {
      const person = toUser(user);
      directory.users.set(person.userId, person);
      return person;
    },
    notify: async (event) => {
      const value: NotificationEvent = {
        version: 1,
        integrationId,
        tenantId,
        subscriptionId: randomUUID(),
        entity: 'user',
        changeType: 'updated',
        receivedAt: new Date().toISOString(),
        ...event,
      };
      await publisher.publish([{ topic: 'notifications', key: `${tenantId}/${event.entityId}`, value }]);
    },
    observe: (event, seconds) => observeAll([event], seconds),
    observeAll,
  };
}

export const reasonOf = (request: SyncRequest | undefined): string =>
  request && 'reason' in request ? request.reason : '';

/** At most one request of a tenant in ten seconds. */
export function assertApart(requests: readonly SyncRequest[]): void {
  const times = requests.map(({ requestedAt }) => Date.parse(requestedAt)).sort((one, other) => one - other);
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  assert.deepEqual(
    pauses.filter((ms) => ms < 10_000),
    [],
    'ms between two requests',
  );
}

/** People in scope who are known already. Nobody is removed who is everyone, so a test of one who goes needs others. */
export async function addPeople({ store }: World, tenant: Tenant, count: number): Promise<DirectoryUser[]> {
  const { tenantId, groupId } = tenant.settings;
  const users = Array.from({ length: count }, () => tenant.addUser());
  for (const user of users) {
    tenant.directory.members.add(user.userId);
    const membership = groupId === null ? {} : { membership: { inGroup: true, groupPath: [groupId] } };
    await tenant.observe({ type: 'user', userId: user.userId, user, ...membership }, -60);
  }
  const isThere = async () => (await store.users.count({ tenantId, inGroup: true })) >= count;
  await eventually(isThere, { within: 100_000, what: 'everyone has a document' });
  return users;
}
