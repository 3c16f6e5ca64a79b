import {
  Failure,
  type CursorRecord,
  type IntegrationSettings,
  type MfaDocument,
  type MfaFacts,
  type Observation,
  type PlanRecord,
  type SnapshotRecord,
  type SweepRecord,
  type UserDocument,
  type UserFacts,
  toPlanSummary,
} from '@muster/contracts';
import type { OutgoingEvent } from '@muster/event-log';
import type { CursorsStore, PlansStore, Stored } from '@muster/store';
import { createLogger } from '@muster/telemetry';
import type { ReconcilerDeps } from '../../src/reconciler.js';
import { createSnapshotMetrics } from '../../src/snapshot-metrics.js';
import { toKnownPeople, type Known } from './known-people.js';
import type { MemoryGraph } from './memory-graph.js';
import { metrics } from './metrics.js';

export type MemoryPorts = {
  deps: ReconcilerDeps;
  snapshots: SnapshotRecord[];
  cursors: Map<string, CursorRecord>;
  plans: Map<string, PlanRecord>;
  sweeps: SweepRecord[];
  /** By `{tenantId}/{userId}`. */
  documents: Map<string, UserDocument>;
  /** Kept beside them. */
  facts: Map<string, UserFacts>;
  /** By `{tenantId}/{userId}`. */
  mfa: Map<string, MfaDocument>;
  /** Who left lately. */
  left: string[];
  published: OutgoingEvent[];
  /** What was told, each once, however many topics it is on. */
  observations: () => Observation[];
  settings: Map<string, IntegrationSettings>;
  graphs: Map<string, MemoryGraph>;
  /** What the projector has of people and of MFA rows. */
  people: Map<string, Known[]>;
  rows: Map<string, { userId: string; observedAt: string; stale: boolean }[]>;
  groups: { tenantId: string; groupId: string; displayName: null; groupPath: string[]; observedAt: string }[];
  /** By lease name: the holder. */
  held: Map<string, string>;
  /** Partitions for which the projector answers. */
  answering: Set<number>;
  clock: { now: Date };
};

export const toObservations = (published: readonly OutgoingEvent[]): Observation[] => [
  ...new Set(
    published
      .filter(({ topic }) => topic === 'observations' || topic === 'sweeps')
      .map(({ value }) => value as Observation),
  ),
];

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

/** The ports of the reconciler in memory, with a projector that answers end marks at once. */
export function createMemoryPorts(): MemoryPorts {
  const ports: Omit<MemoryPorts, 'deps'> = {
    snapshots: [],
    cursors: new Map(),
    plans: new Map(),
    sweeps: [],
    documents: new Map(),
    facts: new Map(),
    mfa: new Map(),
    left: [],
    published: [],
    observations: () => toObservations(ports.published),
    settings: new Map(),
    graphs: new Map(),
    people: new Map(),
    rows: new Map(),
    groups: [],
    held: new Map(),
    answering: new Set(Array.from({ length: 12 }, (_, partition) => partition)),
    clock: { now: new Date('2026-03-01T08:00:00.000Z') },
  };
  let ids = 0;
  const deps: ReconcilerDeps = {
    store: createMemoryStore(ports),
    publisher: {
      publish: (events) => {
        take(ports, events);
        return Promise.resolve();
      },
    },
    graphFor: ({ integrationId }) => {
      const memory = ports.graphs.get(integrationId);
      if (!memory) throw new Failure('token.refused', 'The secret is not usable.', { retryable: false });
      return memory.graph;
    },
    now: () => ports.clock.now,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createSnapshotMetrics(metrics),
    newId: () => `snapshot-${++ids}`,
    projectionLimitMs: 0,
    settleMs: 0,
    caughtUp: () => Promise.resolve(true),
    removalLimit: { least: 5, percent: 10 },
    periods: { usersEvery: 86_400_000, usersSecondRead: 900_000, mfaEvery: 3_600_000, sweepMinInterval: 10_000 },
    holder: 'me',
    leaseMs: 60_000,
    concurrency: 4,
  };
  return { ...ports, deps };
}

function take(ports: Omit<MemoryPorts, 'deps'>, events: readonly OutgoingEvent[]): void {
  ports.published.push(...events);
  for (const event of events) {
    const value = event.value as Observation;
    if (value.type !== 'snapshot-end' || !ports.answering.has(value.partition)) continue;
    const record = ports.snapshots.find(({ snapshotId }) => snapshotId === value.snapshotId);
    if (record) record.projected = { ...record.projected, [value.partition]: value.observedAt };
  }
}

const loadFrom =
  <T, F>(documents: ReadonlyMap<string, T>, factsOf: (id: string) => F | null) =>
  (ids: readonly string[]): Promise<Map<string, Stored<T, F>>> => {
    const toStored = (id: string, document: T): Stored<T, F> => ({
      ...{ document, pending: null, facts: factsOf(id), version: null },
    });
    const known = ids.filter((id) => documents.has(id));
    return Promise.resolve(new Map(known.map((id) => [id, toStored(id, documents.get(id) as T)])));
  };

function createMemoryStore(ports: Omit<MemoryPorts, 'deps'>): ReconcilerDeps['store'] {
  const notUsed = (): never => {
    throw new Error('the reconciler does not do this');
  };
  const projected = {
    load: notUsed,
    write: notUsed,
    published: notUsed,
    leftovers: notUsed,
    get: notUsed,
    lastTold: notUsed,
  };
  const newest = (integrationId: string): SnapshotRecord[] =>
    ports.snapshots.filter((record) => record.integrationId === integrationId).reverse();
  return {
    users: {
      ...projected,
      load: loadFrom(ports.documents, (id) => ports.facts.get(id) ?? null),
      page: notUsed,
      count: ({ tenantId, status, inGroup }) =>
        Promise.resolve(
          [...ports.documents.values()].filter(
            (one) =>
              one.tenantId === tenantId &&
              (status === undefined || one.status === status) &&
              (inGroup === undefined || one.inGroup === inGroup),
          ).length,
        ),
      idsInScope: notUsed,
      deletedIds: (tenantId) =>
        each([...ports.documents.values()].filter((one) => one.tenantId === tenantId && one.status === 'deleted')),
      ids: (tenantId) => each(toKnownPeople(ports.people.get(tenantId), [...ports.settings.values()], tenantId)),
      leftSince: () => Promise.resolve(ports.left),
      toPurge: notUsed,
      drop: notUsed,
    },
    mfa: {
      ...projected,
      load: loadFrom<MfaDocument, MfaFacts>(ports.mfa, () => null),
      countByState: notUsed,
      toPurge: notUsed,
      ids: (tenantId) => each(ports.rows.get(tenantId) ?? []),
    },
    groups: {
      ofTenant: (tenantId) => Promise.resolve(ports.groups.filter((group) => group.tenantId === tenantId)),
      save: notUsed,
      remove: notUsed,
    },
    integrations: {
      all: () => Promise.resolve([...ports.settings.values()]),
      saved: notUsed,
      get: (integrationId) => Promise.resolve(ports.settings.get(integrationId) ?? null),
      insert: notUsed,
      replace: notUsed,
    },
    snapshots: {
      insert: (record) => Promise.resolve(void ports.snapshots.push({ ...record })),
      update: (snapshotId, fields) => {
        const record = ports.snapshots.find((one) => one.snapshotId === snapshotId);
        if (record) Object.assign(record, fields);
        return Promise.resolve();
      },
      projected: notUsed,
      get: (snapshotId) => Promise.resolve(ports.snapshots.find((one) => one.snapshotId === snapshotId) ?? null),
      newest: (integrationId, limit, { before } = {}) =>
        Promise.resolve(
          newest(integrationId)
            .filter(({ startedAt }) => before === undefined || startedAt < before.startedAt)
            .slice(0, limit),
        ),
      last: (integrationId, kind, states) =>
        Promise.resolve(
          newest(integrationId).find((record) => record.kind === kind && states.includes(record.state)) ?? null,
        ),
      clear: notUsed,
    },
    cursors: createMemoryCursors(ports.cursors),
    coverage: {
      save: (record) => {
        const others = ports.sweeps.filter(({ sweepId }) => sweepId !== record.sweepId);
        ports.sweeps.splice(0, Infinity, ...others, record);
        return Promise.resolve();
      },
      since: () => Promise.resolve([]),
      unjudged: (integrationId, after = '') =>
        Promise.resolve(
          ports.sweeps
            .filter((one) => one.integrationId === integrationId && one.judgedAt === null && one.to > after)
            .toSorted((one, other) => one.to.localeCompare(other.to))
            .slice(0, 100),
        ),
      unjudgedUntil: (integrationId, to) =>
        Promise.resolve(
          ports.sweeps.find((one) => one.integrationId === integrationId && one.judgedAt === null && one.to === to) ??
            null,
        ),
    },
    plans: createMemoryPlans(ports.plans),
    leases: {
      acquire: (name, holder) => {
        const isFree = (ports.held.get(name) ?? holder) === holder;
        if (isFree) ports.held.set(name, holder);
        return Promise.resolve(isFree);
      },
      release: (name) => Promise.resolve(void ports.held.delete(name)),
    },
  };
}

const createMemoryCursors = (cursors: Map<string, CursorRecord>): CursorsStore => ({
  get: (integrationId, kind) => Promise.resolve(cursors.get(`${integrationId}/${kind}`) ?? null),
  ofIntegration: (id) => Promise.resolve([...cursors.values()].filter((one) => one.integrationId === id)),
  all: () => Promise.resolve([...cursors.values()]),
  save: (record) => {
    const key = `${record.integrationId}/${record.kind}`;
    const isNext = (cursors.get(key)?.revision ?? 0) + 1 === record.revision;
    if (isNext) cursors.set(key, record);
    return Promise.resolve(isNext);
  },
});

const createMemoryPlans = (plans: Map<string, PlanRecord>): PlansStore => ({
  get: (planId) => Promise.resolve(plans.get(planId) ?? null),
  list: ({ integrationIds, groupId, states, updatedSince = '' }) =>
    Promise.resolve(
      [...plans.values()]
        .filter(
          (plan) =>
            (integrationIds?.includes(plan.integrationId) ?? true) &&
            (states?.includes(plan.state) ?? true) &&
            (groupId === undefined || groupId === plan.groupId) &&
            plan.updatedAt >= updatedSince,
        )
        .reverse(),
    ),
  summaries: () => Promise.resolve([...plans.values()].map(toPlanSummary).reverse()),
  count: ({ integrationId, groupId, state }) =>
    Promise.resolve(
      [...plans.values()].filter(
        (plan) => plan.integrationId === integrationId && plan.groupId === groupId && plan.state === state,
      ).length,
    ),
  named: ({ integrationId, groupId, states, userIds }) =>
    Promise.resolve(
      [...plans.values()]
        .filter(
          (plan) => plan.integrationId === integrationId && plan.groupId === groupId && states.includes(plan.state),
        )
        .flatMap(({ planId, candidates }) =>
          candidates.map(({ userId, state, why }) => ({ planId, userId, state, why })),
        )
        .filter(({ userId }) => userIds.includes(userId))
        .reverse(),
    ),
  heads: (states) => Promise.resolve([...plans.values()].filter(({ state }) => states.includes(state))),
  save: (record, before) => {
    const known = plans.get(record.planId)?.updatedAt ?? null;
    if (before !== undefined && before !== known) return Promise.resolve(false);
    plans.set(record.planId, record);
    return Promise.resolve(true);
  },
  clear: () => Promise.reject(new Error('the reconciler does not do this')),
});
