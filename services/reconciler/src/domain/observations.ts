import {
  TOPICS,
  toPersonKey,
  type DirectoryUser,
  type MfaRegistration,
  type Observation,
  type SnapshotRecord,
} from '@muster/contracts';

/** An event of `graph.observations`. */
export type ObservationEvent = { topic: 'observations'; key: string; value: Observation; partition?: number };
export type Membership = { inGroup: boolean; groupPath: string[] };

type Seen = { version: 1; integrationId: string; tenantId: string; source: 'full'; observedAt: string };

const toSeen = (
  { integrationId, tenantId, snapshotId }: SnapshotRecord,
  observedAt: string,
): Seen & { snapshotId: string } => ({ version: 1, integrationId, tenantId, source: 'full', observedAt, snapshotId });

export const toUserEvent = (
  snapshot: SnapshotRecord,
  observedAt: string,
  { user, membership }: { user: DirectoryUser; membership?: Membership },
): ObservationEvent => ({
  topic: 'observations',
  key: toPersonKey(snapshot.tenantId, user.userId),
  value: {
    ...toSeen(snapshot, observedAt),
    type: 'user',
    userId: user.userId,
    user,
    ...(membership ? { membership } : {}),
  },
});

export const toGoneEvent = (
  snapshot: SnapshotRecord,
  observedAt: string,
  { userId, removed }: { userId: string; removed: 'soft' | 'hard' },
): ObservationEvent => ({
  topic: 'observations',
  key: toPersonKey(snapshot.tenantId, userId),
  value: { ...toSeen(snapshot, observedAt), type: 'user', userId, user: null, removed },
});

export const toGroupEvent = (
  snapshot: SnapshotRecord,
  observedAt: string,
  group: { groupId: string; displayName: string | null; groupPath: string[] | null },
): ObservationEvent => ({
  topic: 'observations',
  key: toPersonKey(snapshot.tenantId, group.groupId),
  value: { ...toSeen(snapshot, observedAt), type: 'group', ...group },
});

export const toMfaEvent = (
  snapshot: SnapshotRecord,
  observedAt: string,
  { userId, row }: { userId: string; row: MfaRegistration | null },
): ObservationEvent => ({
  topic: 'observations',
  key: toPersonKey(snapshot.tenantId, userId),
  value: { ...toSeen(snapshot, observedAt), type: 'mfa', userId, row },
});

/** One for every partition, so that the projector can tell that it reached the end of each. */
export const toEndMarks = (snapshot: SnapshotRecord, observedAt: string): ObservationEvent[] =>
  Array.from({ length: TOPICS.observations.partitions }, (_, partition) => ({
    topic: 'observations',
    key: toPersonKey(snapshot.tenantId, snapshot.snapshotId),
    partition,
    value: {
      ...toSeen(snapshot, observedAt),
      type: 'snapshot-end',
      kind: snapshot.kind,
      partition,
      rows: snapshot.rows,
    },
  }));
