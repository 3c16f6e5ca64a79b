import { TOPICS, plural } from '@muster/contracts';
import type { Backlog } from './backlog.js';
import type { Notice } from './notices.js';
import { CANARY_LATE_MS } from './verdict.js';

export type Canary = { partition: number; at: string; ms: number };
export type CanaryView = { partition: number; ageMs: number; ms: number };
export type PipelineView = {
  canaries: { partitions: number; seen: CanaryView[]; oldestAgeMs: number | null; slowestMs: number | null };
  /** Null: Kafka does not answer. */
  projector: ({ topics: { topic: string; waiting: number }[] } & Backlog) | null;
  deadLetters: number | null;
  /** Those that nobody has replayed. */
  deadLettersOpen: number | null;
  notices: Notice[];
};
export type PipelineFacts = {
  canaries: readonly Canary[];
  log: { backlog: Backlog; topics: readonly string[]; deadLetters: number; replayed: number } | { unavailable: string };
  /** Without an active integration nothing has to flow. */
  anyActive: boolean;
};

export function toPipelineView({ canaries, log, anyActive }: PipelineFacts, now: Date): PipelineView {
  const partitions = TOPICS.notifications.partitions;
  const seen = canaries
    .map(({ partition, at, ms }) => ({ partition, ageMs: Math.max(0, now.getTime() - Date.parse(at)), ms }))
    .sort((one, other) => one.partition - other.partition);
  const notices: Notice[] = [];
  if ('unavailable' in log)
    notices.push({
      level: 'problem',
      text: `Kafka does not answer: ${log.unavailable}`,
      cure: 'Check that Kafka runs and that KAFKA_BROKERS names it.',
      rule: 'kafka-silent',
    });
  if (anyActive) notices.push(...toCanaryNotices(seen, partitions));
  const known = 'unavailable' in log ? null : log;
  return {
    canaries: {
      partitions,
      seen,
      oldestAgeMs: seen.length === 0 ? null : Math.max(...seen.map(({ ageMs }) => ageMs)),
      slowestMs: seen.length === 0 ? null : Math.max(...seen.map(({ ms }) => ms)),
    },
    projector: known && {
      ...known.backlog,
      topics: known.topics.map((topic) => ({
        topic,
        waiting: known.backlog.partitions
          .filter((one) => one.topic === topic)
          .reduce((sum, { waiting }) => sum + waiting, 0),
      })),
    },
    deadLetters: known && known.deadLetters,
    deadLettersOpen: known && Math.max(0, known.deadLetters - known.replayed),
    notices,
  };
}

function toCanaryNotices(seen: readonly CanaryView[], partitions: number): Notice[] {
  const cure = 'Check that subscription, receiver and projector run: each answers /readyz with its reasons.';
  if (seen.length === 0)
    return [{ level: 'remark', text: 'No canary has come through yet; the first takes up to a minute.', cure }];
  const late = partitions - seen.filter(({ ageMs }) => ageMs <= CANARY_LATE_MS).length;
  if (late === 0) return [];
  const minutes = Math.floor(Math.max(...seen.map(({ ageMs }) => ageMs)) / 60_000);
  const text =
    late === partitions
      ? `Nothing comes through: the last canary is ${minutes} min old.`
      : `No fresh canary came through ${late} of ${plural(partitions, 'partition')}.`;
  return [{ level: 'problem', text, cure, rule: 'canary-absent' }];
}
