const DAY = 86_400_000;

/** Topics are created with these figures (docs/decisions/0003). Fixed names: other programs read them. */
export const TOPICS = {
  notifications: { name: 'graph.notifications', partitions: 12, retentionMs: 7 * DAY },
  lifecycle: { name: 'graph.lifecycle', partitions: 1, retentionMs: 7 * DAY },
  observations: { name: 'graph.observations', partitions: 12, retentionMs: 7 * DAY },
  requests: { name: 'sync.requests', partitions: 1, retentionMs: 7 * DAY },
  changes: { name: 'directory.changes', partitions: 12, retentionMs: 7 * DAY },
  deadLetters: { name: 'dead-letters', partitions: 1, retentionMs: 30 * DAY },
} as const;

export type TopicRole = keyof typeof TOPICS;
export type Topic = { name: string; partitions: number; retentionMs: number };
