import {
  TOPICS,
  toPersonKey,
  type DirectoryUser,
  type MfaRegistration,
  type Observation,
  type ObservationSource,
  type SnapshotRecord,
} from '@muster/contracts';

/** An event of `graph.observations` or `graph.sweeps`; `publishSeen` chooses. */
export type ObservationEvent = { key: string; value: Observation; partition?: number };
export type Membership = { inGroup: boolean; groupPath: string[] };

/** The read that saw it; a full one unless it says otherwise. */
export type Origin = {
  integrationId: string;
  tenantId: string;
  /** Of the settings that the read was made for. */
  settingsRevision: number;
  /** The chosen group of those settings. */
  groupId: string | null;
  snapshotId?: string;
  source?: ObservationSource;
  /** The plan in which an admin allowed it. */
  planId?: string;
};
type Seen = Pick<Observation, 'version' | 'integrationId' | 'tenantId' | 'source' | 'observedAt' | 'settingsRevision'>;

const toSeen = (
  { integrationId, tenantId, settingsRevision, snapshotId, source = 'full', planId }: Origin,
  observedAt: string,
): Seen & { snapshotId?: string; planId?: string } => ({
  version: 1,
  integrationId,
  tenantId,
  source,
  observedAt,
  settingsRevision,
  ...(snapshotId === undefined ? {} : { snapshotId }),
  ...(planId === undefined ? {} : { planId }),
});

export const toUserEvent = (
  origin: Origin,
  observedAt: string,
  { user, membership }: { user: DirectoryUser; membership?: Membership },
): ObservationEvent => ({
  key: toPersonKey(origin.tenantId, user.userId),
  value: {
    ...toSeen(origin, observedAt),
    type: 'user',
    userId: user.userId,
    user,
    ...(membership ? { membership: { ...membership, groupId: origin.groupId } } : {}),
  },
});

export const toGoneEvent = (
  origin: Origin,
  observedAt: string,
  { userId, removed }: { userId: string; removed: 'soft' | 'hard' },
): ObservationEvent => ({
  key: toPersonKey(origin.tenantId, userId),
  value: { ...toSeen(origin, observedAt), type: 'user', userId, user: null, removed },
});

export const toMembershipEvent = (
  origin: Origin,
  observedAt: string,
  { userId, groupId, membership }: { userId: string; groupId: string; membership: Membership },
): ObservationEvent => ({
  key: toPersonKey(origin.tenantId, userId),
  value: { ...toSeen(origin, observedAt), type: 'membership', userId, groupId, ...membership },
});

export const toGroupEvent = (
  origin: Origin,
  observedAt: string,
  group: { groupId: string; displayName: string | null; groupPath: string[] | null },
): ObservationEvent => ({
  key: toPersonKey(origin.tenantId, group.groupId),
  value: { ...toSeen(origin, observedAt), type: 'group', ...group },
});

export const toMfaEvent = (
  origin: Origin,
  observedAt: string,
  { userId, row }: { userId: string; row: MfaRegistration | null },
): ObservationEvent => ({
  key: toPersonKey(origin.tenantId, userId),
  value: { ...toSeen(origin, observedAt), type: 'mfa', userId, row },
});

/** One for every partition, so that the projector can tell that it reached the end of each. */
export const toEndMarks = (
  snapshot: Pick<SnapshotRecord, 'snapshotId' | 'kind' | 'rows'> & Origin,
  observedAt: string,
): ObservationEvent[] =>
  Array.from({ length: TOPICS.observations.partitions }, (_, partition) => ({
    key: toPersonKey(snapshot.tenantId, snapshot.snapshotId),
    partition,
    value: {
      ...toSeen(snapshot, observedAt),
      snapshotId: snapshot.snapshotId,
      type: 'snapshot-end',
      kind: snapshot.kind,
      partition,
      rows: snapshot.rows,
    },
  }));
