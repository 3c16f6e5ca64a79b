import type { DeadLetter } from '@muster/contracts';
import { toHeard } from './domain/heard.js';
import type { EventBatch, IncomingEvent, OutgoingEvent, Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { decodeEvent, toDeadLetter } from './decode-event.js';
import { isFreshEnough, planBatch, type BatchEvent, type BatchPlan, type TenantPlan } from './domain/plan-batch.js';
import type { RemovalGate } from './gate-removals.js';
import type { IntegrationsCache } from './integrations-cache.js';
import type { LeftToSweep } from './left-to-sweep.js';
import { measureLag, type Measure } from './measure-lag.js';
import { projectTenant, type TenantOutcome } from './project-tenant.js';
import type { ProjectorMetrics } from './projector-metrics.js';
import type { PeopleReader } from './read-people.js';
import type { Sweeps } from './sweeps.js';
import type { TenantTurns } from './tenant-turns.js';
import type { Outcome } from './write-projected.js';

export type ProjectorDependencies = {
  store: Pick<Store, 'users' | 'mfa' | 'groups' | 'snapshots' | 'lag'>;
  publisher: Pick<Publisher, 'publish'>;
  integrations: IntegrationsCache;
  reader: PeopleReader;
  gate: RemovalGate;
  left: LeftToSweep;
  turns: TenantTurns;
  sweeps: Sweeps;
  metrics: ProjectorMetrics;
  logger: Logger;
  now: Now;
};

/**
 * One batch of a partition. Resolves when everything in it is written and published, so that its offset may be
 * committed. A tenant that can't be read is left to a sweep; only faults of Kafka or MongoDB reject (design, invariant 8).
 */
export async function handleBatch(batch: EventBatch, dependencies: ProjectorDependencies): Promise<void> {
  const { store, publisher, integrations, metrics, now } = dependencies;
  const consumedAt = now();
  const begun = performance.now();
  const { events, poison } = decodeAll(batch, now);
  const plan = planBatch(events, await integrations((view) => isFreshEnough(events, view)));
  const tenants = [...plan.tenants.values()];
  // Side by side: a tenant that Graph answers slowly delays the others of the batch by its patience at most.
  const outcomes = await Promise.all(
    tenants.map(async (tenant) => {
      const load = toLoad(batch);
      const partBegun = performance.now();
      const outcome = await projectTenant(tenant, { ...dependencies, takenAt: consumedAt, isMine: batch.isMine, load });
      const ms = performance.now() - partBegun;
      const writeMs = Math.max(0, now().getTime() - outcome.readAt.getTime());
      if (tenants.length > 1) dependencies.left.took(tenant.settings, { read: outcome.read.size, ms, writeMs });
      return outcome;
    }),
  );
  if (!batch.isMine()) return;
  for (const [index, { settings, sweep }] of tenants.entries()) {
    if (sweep !== null) await dependencies.sweeps.request(settings, sweep);
    else if ((outcomes[index]?.read.size ?? 0) > 0) dependencies.sweeps.settle(settings);
  }
  if (poison.length > 0) await publisher.publish(poison);
  for (const { snapshotId } of plan.ends) {
    await store.snapshots.projected(snapshotId, batch.partition, now().toISOString());
  }
  await Promise.all([addLag(plan, { tenants, outcomes, consumedAt }, dependencies), store.lag.heard(toHeard(events))]);
  metrics.batchSeconds.observe({ topic: batch.topic }, (performance.now() - begun) / 1_000);
  count({ batch, plan, outcomes, poison: poison.length }, dependencies);
}

const toLoad = ({ events, highWatermark }: EventBatch): { events: number; behind: number } => {
  const last = BigInt(events.at(-1)?.offset ?? 0);
  return { events: events.length, behind: Math.max(0, Number(BigInt(highWatermark) - last) - 1) };
};

function decodeAll(batch: EventBatch, now: Now): { events: BatchEvent[]; poison: OutgoingEvent[] } {
  const events: BatchEvent[] = [];
  const poison: OutgoingEvent[] = [];
  for (const event of batch.events) {
    const decoded = decodeEvent(event);
    if (decoded.kind === 'poison') poison.push(toPoison(event, decoded.reason, now()));
    else events.push(decoded);
  }
  return { events, poison };
}

const toPoison = (event: IncomingEvent, reason: DeadLetter['reason'], now: Date): OutgoingEvent => ({
  topic: 'deadLetters',
  key: event.key ?? `${event.topic}/${event.partition}`,
  value: toDeadLetter(event, reason, now),
});

type Done = { tenants: readonly TenantPlan[]; outcomes: readonly TenantOutcome[]; consumedAt: Date };

async function addLag(
  plan: BatchPlan,
  { tenants, outcomes, consumedAt }: Done,
  { store, now }: ProjectorDependencies,
): Promise<void> {
  const measures: Measure[] = [];
  for (const [index, { named, settings }] of tenants.entries()) {
    const outcome = outcomes[index];
    if (!outcome) continue;
    const { readAt, users } = outcome;
    const times = {
      consumedAt,
      readAt,
      writtenAt: users?.writtenAt ?? readAt,
      publishedAt: users?.publishedAt ?? readAt,
    };
    for (const [userId, events] of named) {
      if (!outcome.read.has(userId)) continue;
      const isChanged = users?.changes.has(`${settings.tenantId}/${userId}`) ?? false;
      measures.push(...events.flatMap((event) => measureLag(event, isChanged, times)));
    }
  }
  await store.lag.add(measures);
  for (const { entityId, receivedAt } of plan.canaries) {
    const at = now();
    await store.lag.canary(Number(entityId), at, Math.max(0, at.getTime() - Date.parse(receivedAt)));
  }
}

type Counted = { batch: EventBatch; plan: BatchPlan; outcomes: readonly TenantOutcome[]; poison: number };

function count({ batch, plan, outcomes, poison }: Counted, { metrics, logger }: ProjectorDependencies): void {
  const { topic, partition } = batch;
  const sum = (pick: (outcome: Outcome) => number): number =>
    outcomes.flatMap(({ users, mfa }) => [users, mfa]).reduce((total, one) => total + (one ? pick(one) : 0), 0);
  const totals = {
    dropped: plan.dropped,
    poison,
    outsiders: outcomes.reduce((total, one) => total + one.outsiders, 0),
    read: outcomes.reduce((total, one) => total + one.read.size, 0),
    changed: sum((one) => one.changes.size),
    touched: sum((one) => one.touched),
    ignored: sum((one) => one.ignored),
  };
  for (const [outcome, value] of Object.entries(totals)) if (value > 0) metrics.events.inc({ topic, outcome }, value);
  for (const { users, mfa, unreadable } of outcomes) {
    for (const [collection, one] of [
      ['users', users],
      ['mfa', mfa],
    ] as const) {
      if (!one) continue;
      metrics.refused.inc({ collection }, one.refused);
      metrics.leftovers.inc(one.leftovers);
      for (const { type } of one.changes.values()) metrics.changes.inc({ type });
    }
    if (unreadable) metrics.unreadable.inc({ code: unreadable });
  }
  const offset = batch.events.at(-1)?.offset;
  const figures = { topic, partition, offset, events: batch.events.length, tenants: outcomes.length, ...totals };
  logger.info({ ...figures, refused: sum((one) => one.refused), canaries: plan.canaries.length }, 'batch projected');
}
