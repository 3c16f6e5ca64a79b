import type { CursorKind } from '@muster/contracts';
import type { Metrics } from '@muster/telemetry';

export type SweepMetrics = ReturnType<typeof createSweepMetrics>;

export function createSweepMetrics(metrics: Metrics) {
  const sweeps = metrics.counter('muster_sweeps_total', 'Delta sweeps.', ['kind', 'outcome']);
  const rows = metrics.counter('muster_sweep_rows_total', 'Rows read by delta sweeps.', ['kind']);
  const removals = metrics.counter('muster_sweep_removals_total', 'Removals that delta sweeps told.', ['kind']);
  const left = metrics.counter(
    'muster_sweep_people_left_total',
    'People whom Graph did not tell of, to be asked again.',
    ['kind'],
  );
  const held = metrics.counter('muster_sweep_removals_held_total', 'Removals that wait for an admin.', ['kind']);
  const announced = metrics.counter('muster_changes_announced_total', 'Changes that a notification announced.');
  const lost = metrics.counter('muster_changes_lost_total', 'Changes that no notification announced.');
  const plans = metrics.gauge('muster_removal_plans_waiting', 'Plans of removals that wait for an admin.');
  const age = metrics.gauge('muster_cursor_age_seconds', 'Seconds since everything was seen by delta.', [
    'kind',
    'integration',
  ]);
  return {
    swept: (kind: CursorKind, outcome: string) => sweeps.inc({ kind, outcome }),
    rows: (kind: CursorKind, count: number) => rows.inc({ kind }, count),
    removed: (kind: CursorKind, count: number) => removals.inc({ kind }, count),
    left: (kind: CursorKind) => left.inc({ kind }),
    held: (kind: CursorKind, count: number) => held.inc({ kind }, count),
    judged: (counts: { announced: number; lost: number }) => {
      announced.inc(counts.announced);
      lost.inc(counts.lost);
    },
    plansWaiting: (count: number) => plans.set(count),
    age: (kind: CursorKind, integration: string, seconds: number) => age.set({ kind, integration }, seconds),
  };
}
