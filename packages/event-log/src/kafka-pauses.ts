import type { Failure, TopicRole } from '@muster/contracts';
import { toBackoffMs } from '@muster/runtime';

const BACKOFF = { baseMs: 250, capMs: 10_000 };

/** Before try `attempt` (1 = after the first failure). */
export const toWaitMs = (error: Failure, attempt: number): number =>
  Math.max(toBackoffMs(attempt, BACKOFF, Math.random()), error.retryAfterMs ?? 0);

type Act = (topic: TopicRole, partition: number) => void;

/**
 * Two may want a partition to pause: the service, and we while its events have to wait. It flows when neither does.
 * Pausing lets the other partitions and the heartbeats go on; the waiting events are fetched again afterwards.
 */
export function createPauses(kafka: { pause: Act; resume: Act }) {
  const held = new Set<string>();
  const waiting = new Map<string, { failures: number; timer?: NodeJS.Timeout | undefined }>();
  const toId = (topic: TopicRole, partition: number): string => `${topic}/${partition}`;
  const attempt = (act: Act, topic: TopicRole, partition: number): void => {
    try {
      act(topic, partition);
    } catch {
      // The consumer is not running (between a crash and its restart): it starts without pauses.
    }
  };
  const resumeIfFree: Act = (topic, partition) => {
    const id = toId(topic, partition);
    if (!held.has(id) && !waiting.get(id)?.timer) attempt(kafka.resume, topic, partition);
  };

  return {
    hold: ((topic, partition) => {
      held.add(toId(topic, partition));
      attempt(kafka.pause, topic, partition);
    }) satisfies Act,
    release: ((topic, partition) => {
      held.delete(toId(topic, partition));
      resumeIfFree(topic, partition);
    }) satisfies Act,
    failures: (topic: TopicRole, partition: number): number => waiting.get(toId(topic, partition))?.failures ?? 0,
    failed: (topic: TopicRole, partition: number, waitMs: number): void => {
      const id = toId(topic, partition);
      const entry = waiting.get(id) ?? { failures: 0 };
      clearTimeout(entry.timer);
      entry.failures += 1;
      entry.timer = setTimeout(() => {
        entry.timer = undefined;
        resumeIfFree(topic, partition);
      }, waitMs);
      waiting.set(id, entry);
      attempt(kafka.pause, topic, partition);
    },
    succeeded: ((topic, partition) => void waiting.delete(toId(topic, partition))) satisfies Act,
    clear: (): void => {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
