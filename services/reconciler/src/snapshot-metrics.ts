import type { SnapshotKind } from '@muster/contracts';
import type { Metrics } from '@muster/telemetry';

const SNAPSHOT_SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 14_400];

export type SnapshotMetrics = ReturnType<typeof createSnapshotMetrics>;

export function createSnapshotMetrics(metrics: Metrics) {
  const rows = metrics.counter('muster_snapshot_rows_total', 'Rows read by full reads.', ['kind']);
  const told = metrics.counter('muster_snapshot_rows_told_total', 'Rows told: no document had them so already.', [
    'kind',
  ]);
  const pages = metrics.counter('muster_snapshot_pages_total', 'Pages read by full reads.', ['kind']);
  const retries = metrics.counter('muster_snapshot_retries_total', 'Tries again within full reads.', ['kind', 'code']);
  const removals = metrics.counter('muster_snapshot_removals_total', 'Removals that full reads told.', ['kind']);
  const held = metrics.counter('muster_snapshot_removals_held_total', 'Removals that were too many at once.', ['kind']);
  const seconds = metrics.histogram(
    'muster_snapshot_seconds',
    'Seconds that a full read took.',
    ['kind', 'outcome'],
    SNAPSHOT_SECONDS,
  );
  const age = metrics.gauge('muster_snapshot_age_seconds', 'Seconds since the last complete full read began.', [
    'kind',
    'integration',
  ]);
  return {
    page: (kind: SnapshotKind, count: number) => {
      pages.inc({ kind });
      rows.inc({ kind }, count);
    },
    told: (kind: SnapshotKind, count: number) => told.inc({ kind }, count),
    retry: (kind: SnapshotKind, code: string) => retries.inc({ kind, code }),
    removed: (kind: SnapshotKind, count: number) => removals.inc({ kind }, count),
    held: (kind: SnapshotKind, count: number) => held.inc({ kind }, count),
    ended: (kind: SnapshotKind, outcome: string, took: number) => seconds.observe({ kind, outcome }, took),
    age: (kind: SnapshotKind, integration: string, value: number) => age.set({ kind, integration }, value),
    forget: (integration: string) => {
      for (const kind of ['users', 'mfa']) age.remove({ kind, integration });
    },
  };
}
