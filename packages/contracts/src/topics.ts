const DAY = 86_400_000;

/** Topics are created with these figures (docs/decisions/0003). Fixed names: other programs read them. */
export const TOPICS = {
  notifications: { name: 'graph.notifications', partitions: 12, retentionMs: 7 * DAY },
  lifecycle: { name: 'graph.lifecycle', partitions: 1, retentionMs: 7 * DAY },
  observations: { name: 'graph.observations', partitions: 12, retentionMs: 7 * DAY },
  sweeps: { name: 'graph.sweeps', partitions: 12, retentionMs: 7 * DAY },
  requests: { name: 'sync.requests', partitions: 1, retentionMs: 7 * DAY },
  changes: { name: 'directory.changes', partitions: 12, retentionMs: 7 * DAY },
  deadLetters: { name: 'dead-letters', partitions: 1, retentionMs: 30 * DAY },
} as const;

/**
 * The projector's consumer groups, one a topic: a fetch is handled whole before the next one, so in one group the first
 * load of a tenant would stand before everybody's notifications (docs/decisions/0018) and sweeps (0019).
 */
export const PROJECTOR_GROUPS = {
  notifications: 'muster.projector',
  observations: 'muster.projector.observations',
  sweeps: 'muster.projector.sweeps',
} as const;
export type ProjectedTopic = keyof typeof PROJECTOR_GROUPS;
export const PROJECTED_TOPICS = Object.keys(PROJECTOR_GROUPS) as readonly ProjectedTopic[];
/** Both hold observations; `topicsOf` says which of them. */
export type ObservationTopic = Exclude<ProjectedTopic, 'notifications'>;

export type TopicRole = keyof typeof TOPICS;
export type Topic = { name: string; partitions: number; retentionMs: number };
