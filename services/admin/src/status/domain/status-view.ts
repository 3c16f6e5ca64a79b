import {
  LAG_BOUNDS_MS,
  LAG_STEPS,
  TOPICS,
  lagQuantile,
  toActiveCredential,
  type CredentialSlot,
  type CursorRecord,
  type Drift,
  type IntegrationSettings,
  type LagStep,
  type MfaState,
  type SnapshotKind,
  type SnapshotRecord,
  type SubscriptionRecord,
  type TenantHealth,
  type UserStatus,
} from '@muster/contracts';
import { withoutFullReads, type Backlog } from './backlog.js';
import { isGroupGone } from './group-gone.js';
import { isPassing, listQuarantined, toNotices, type Notice } from './notices.js';
import { toProgress, type Progress } from './progress.js';
import { toVerdict, type HeldBack, type VerdictFacts, type VerdictView } from './verdict.js';

/** What was read for one integration. */
export type IntegrationFacts = {
  settings: IntegrationSettings;
  subscriptions: readonly SubscriptionRecord[];
  cursors: readonly CursorRecord[];
  loss: LossView;
  /** Of the last half hour. */
  lostRecently: number;
  plansWaiting: number;
  /** Since when somebody who was announced waits for a sweep. */
  leftAt: string | null;
  /** How each service gets on with this tenant's Graph. */
  health: readonly TenantHealth[];
  snapshots: Record<SnapshotKind, SnapshotRecord | null>;
  /** The last complete ones. */
  complete: Record<SnapshotKind, SnapshotRecord | null>;
  /** Bucket counts by step, of the window. */
  lag: Record<LagStep, readonly number[]>;
};
export type PeopleCounts = Record<UserStatus, number> & { inGroup: number; ssoEnabled: number };
/** What all integrations share. */
export type SharedFacts = {
  canaries: { partitions: number; agesMs: readonly number[] };
  /** Null: Kafka does not answer. */
  backlog: Backlog | null;
};

export type LossView = { announced: number; lost: number; share: number | null; worstDelayMs: number; open: number };
export type LagView = { step: LagStep; count: number; p50: number | null; p95: number | null; p99: number | null };
export type SnapshotView = {
  snapshotId: string;
  kind: SnapshotKind;
  integrationId: string;
  state: SnapshotRecord['state'];
  reason: string;
  pages: number;
  rows: number;
  expectedRows: number | null;
  /** While it runs. */
  progress: Progress | null;
  drift: Drift | null;
  startedAt: string;
  finishedAt: string | null;
  /** Partitions whose rows are in the documents, of how many. */
  projectedPartitions: number;
  partitions: number;
  failure: { code: string; message: string } | null;
};
/** A complete full read. */
export type CompletedView = Pick<SnapshotRecord, 'startedAt' | 'rows'> & { drift: Drift | null };
export type CountsView = {
  people: {
    total: number;
    active: number;
    disabled: number;
    deleted: number;
    outOfScope: number;
    inGroup: number;
    ssoEnabled: number;
  };
  mfa: { capable: number; registered: number; notRegistered: number; unknown: number };
};
/** All of an integration's status but counts of its people. */
export type IntegrationCondition = {
  integrationId: string;
  name: string;
  tenantId: string;
  state: IntegrationSettings['state'];
  verdict: VerdictView;
  groupId: string | null;
  subscriptions: Pick<SubscriptionRecord, 'resource' | 'entity' | 'status' | 'expiresAt' | 'renewedAt' | 'failure'>[];
  cursors: (Pick<CursorRecord, 'kind' | 'takenAt' | 'sweptAt'> & {
    usable: boolean;
    failure: { code: string; message: string; at: string } | null;
  })[];
  features: IntegrationSettings['features'];
  startedAt: string | null;
  /** When the last pause ended; null: there was none. */
  resumedAt: string | null;
  /** With which the app proves itself. */
  credential: { slot: CredentialSlot; expiresAt: string } | null;
  loss: LossView;
  lostRecently: number;
  completed: Record<SnapshotKind, CompletedView | null>;
  plansWaiting: number;
  quarantined: Pick<TenantHealth, 'service' | 'failure' | 'since' | 'until'>[];
  snapshots: Record<SnapshotKind, SnapshotView | null>;
  lag: LagView[];
  notices: Notice[];
};

/** `total` counts who is there now: active and disabled. */
export function toCountsView(people: PeopleCounts, mfa: Record<MfaState, number>): CountsView {
  const { active, disabled, deleted, 'out-of-scope': outOfScope, inGroup, ssoEnabled } = people;
  const { capable, registered, 'not-registered': notRegistered } = mfa;
  const total = active + disabled;
  // Who is there and has no row in the report: disabled people, for one, are never in it.
  const unknown = Math.max(0, total - capable - registered - notRegistered);
  return {
    people: { total, active, disabled, deleted, outOfScope, inGroup, ssoEnabled },
    mfa: { capable, registered, notRegistered, unknown },
  };
}

export function toIntegrationCondition(facts: IntegrationFacts, shared: SharedFacts, now: Date): IntegrationCondition {
  const { settings, subscriptions, snapshots, lag, cursors, loss, plansWaiting } = facts;
  return {
    integrationId: settings.integrationId,
    name: settings.name,
    tenantId: settings.tenantId,
    state: settings.state,
    verdict: toVerdict(toVerdictFacts(facts, shared, now), now),
    groupId: settings.groupId,
    subscriptions: subscriptions.map(({ resource, entity, status, expiresAt, renewedAt, failure }) => ({
      resource,
      entity,
      status,
      expiresAt,
      renewedAt,
      failure,
    })),
    cursors: cursors.map((cursor) => ({
      kind: cursor.kind,
      takenAt: cursor.takenAt,
      sweptAt: cursor.sweptAt,
      usable: isUsable(cursor, settings),
      failure: cursor.failure,
    })),
    features: settings.features,
    startedAt: settings.startedAt,
    resumedAt: settings.resumedAt ?? null,
    credential: toCredentialView(settings),
    loss,
    lostRecently: facts.lostRecently,
    completed: { users: toCompleted(facts.complete.users), mfa: toCompleted(facts.complete.mfa) },
    plansWaiting,
    quarantined: listQuarantined(facts.health, now).map(({ service, failure, since, until }) => ({
      service,
      failure,
      since,
      until,
    })),
    snapshots: {
      users: snapshots.users && toSnapshotView(snapshots.users, facts.complete.users, now),
      mfa: snapshots.mfa && toSnapshotView(snapshots.mfa, facts.complete.mfa, now),
    },
    lag: LAG_STEPS.map((step) => toLagView(step, lag[step])),
    notices: toNotices(facts, now),
  };
}

const toCompleted = (record: SnapshotRecord | null): CompletedView | null =>
  record && { startedAt: record.startedAt, rows: record.rows, drift: record.drift ?? null };

function toCredentialView(settings: IntegrationSettings): IntegrationCondition['credential'] {
  const credential = toActiveCredential(settings);
  return credential && { slot: credential.slot, expiresAt: credential.expiresAt };
}

/** What the verdict looks at: little of what a page shows. */
export type ProofFacts = Pick<
  IntegrationFacts,
  'settings' | 'snapshots' | 'complete' | 'cursors' | 'subscriptions' | 'lag' | 'health' | 'leftAt'
>;

/** Those without whose reads no change comes in. */
const READERS: ReadonlySet<string> = new Set(['projector', 'reconciler']);

const toHeldBack = (health: readonly TenantHealth[], now: Date): HeldBack[] =>
  listQuarantined(health, now)
    .filter(({ service }) => READERS.has(service))
    .map(({ service, since, failure }) => ({
      ...{ service, since, why: failure?.message ?? 'no reason is known.' },
      passing: failure !== null && isPassing(failure.code),
    }));

/** Of this very tenant and group, behind a read that was told whole, and with a link to go on from. */
const isUsable = (cursor: CursorRecord, { tenantId, groupId }: IntegrationSettings): boolean =>
  cursor.links.length > 0 &&
  cursor.tenantId === tenantId &&
  cursor.baselineEndedAt !== null &&
  (cursor.kind === 'users' || cursor.groupId === groupId);

/** One that has run out without being renewed brings nothing, whatever its record says. */
const isLive = ({ status, expiresAt }: SubscriptionRecord, now: Date): boolean =>
  status === 'live' && expiresAt !== null && Date.parse(expiresAt) > now.getTime();

export function toVerdictFacts(facts: ProofFacts, { canaries, backlog }: SharedFacts, now: Date): VerdictFacts {
  const { settings, snapshots, complete, cursors, subscriptions, lag, health } = facts;
  const kind = settings.features.userSync ? 'users' : 'mfa';
  const isUnderWay = (record: SnapshotRecord | null): boolean =>
    record?.state === 'running' || record?.state === 'published';
  const isAnyUnderWay = Object.values(snapshots).some(isUnderWay);
  return {
    settings,
    isLoaded: complete[kind] !== null,
    isReading: isUnderWay(snapshots[kind]),
    cursors: cursors.map((cursor) => ({
      kind: cursor.kind,
      sweptAt: cursor.sweptAt,
      usable: isUsable(cursor, settings),
      everyMs: cursor.everyMs ?? null,
      failing: cursor.failure && { count: cursor.failure.count, why: cursor.failure.message },
    })),
    leftAt: facts.leftAt,
    mfaReadAt: complete.mfa?.startedAt ?? null,
    hasNotifications: subscriptions.some((one) => one.entity === 'user' && isLive(one, now)),
    canaries,
    backlog: backlog && !isAnyUnderWay ? withoutFullReads(backlog) : backlog,
    measured: lag.kafka.reduce((sum, count) => sum + count, 0),
    heldBack: toHeldBack(health, now),
    isGroupGone: isGroupGone(cursors, settings),
  };
}

/** `usual`: the last complete read of that kind, to measure progress by. */
export function toSnapshotView(
  record: SnapshotRecord,
  usual: Pick<SnapshotRecord, 'rows'> | null,
  now: Date,
): SnapshotView {
  const projectedPartitions = Object.keys(record.projected).length;
  const { partitions } = TOPICS.observations;
  return {
    snapshotId: record.snapshotId,
    kind: record.kind,
    integrationId: record.integrationId,
    state: record.state,
    reason: record.reason,
    pages: record.pages,
    rows: record.rows,
    expectedRows: record.expectedRows,
    progress: toProgress({ ...record, projectedPartitions, partitions }, usual?.rows ?? null, now),
    drift: record.drift ?? null,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
    projectedPartitions,
    partitions,
    failure: record.failure,
  };
}

/** The open bucket is told as its lower bound, four hours: JSON knows no infinity. */
const LONGEST_MS = LAG_BOUNDS_MS[LAG_BOUNDS_MS.length - 1] ?? 0;

export function toLagView(step: LagStep, counts: readonly number[]): LagView {
  const at = (quantile: number): number | null => {
    const ms = lagQuantile(counts, quantile);
    return ms === null ? null : Math.min(ms, LONGEST_MS);
  };
  const count = counts.reduce((sum, one) => sum + one, 0);
  return { step, count, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
