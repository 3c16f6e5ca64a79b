import type { Metrics } from '@muster/telemetry';

type Counter = ReturnType<Metrics['counter']>;
export type ProjectorMetrics = {
  events: Counter;
  changes: Counter;
  batchSeconds: ReturnType<Metrics['histogram']>;
  refused: Counter;
  leftovers: Counter;
  unreadable: Counter;
  held: Counter;
  left: Counter;
  leftOldest: ReturnType<Metrics['gauge']>;
};

export const createProjectorMetrics = (metrics: Metrics): ProjectorMetrics => ({
  events: metrics.counter('muster_projector_events_total', 'Events by what became of them.', ['topic', 'outcome']),
  changes: metrics.counter('muster_projector_changes_total', 'Changes put on the feed, by type.', ['type']),
  batchSeconds: metrics.histogram('muster_projector_batch_seconds', 'Seconds a batch takes.', ['topic']),
  refused: metrics.counter('muster_projector_refused_writes_total', 'Guarded writes that lost, decided again.', [
    'collection',
  ]),
  leftovers: metrics.counter('muster_projector_leftovers_total', 'Pending changes of an earlier life put on the feed.'),
  unreadable: metrics.counter('muster_projector_unreadable_total', 'Reads of a tenant left to a sweep, by reason.', [
    'code',
  ]),
  held: metrics.counter('muster_projector_held_removals_total', 'Removals held back, since too many went at once.'),
  left: metrics.counter('muster_projector_left_to_sweep_total', 'People of a burst who were left to a sweep.'),
  leftOldest: metrics.gauge('muster_projector_left_oldest_seconds', 'Age of the oldest of them that no sweep reached.'),
});
