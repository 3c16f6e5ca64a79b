import type { TopicRole } from '@muster/contracts';
import type { Logger, Metrics } from '@muster/telemetry';

type Chunk = { topic: TopicRole; partition: number; begunAt: number; isTold: boolean };
type Options = { groupId: string; logger: Logger; metrics?: Metrics | undefined; elapsedMs: () => number };

/** Chunks take milliseconds, and seconds while a server is slow. */
const LONG_MS = 60_000;

/**
 * For how long the chunks in hand have been so. One that stands still says nothing by itself: its partition keeps its
 * heartbeats and waits.
 */
export function createInHand({ groupId, logger, metrics, elapsedMs }: Options) {
  const age = metrics?.gauge('muster_event_batch_age_seconds', 'Age of the oldest chunk in hand; 0 without one.', [
    'group',
    'topic',
  ]);
  const chunks = new Set<Chunk>();
  const tell = (topic: TopicRole): void => {
    const begun = [...chunks].filter((chunk) => chunk.topic === topic).map(({ begunAt }) => begunAt);
    age?.set({ group: groupId, topic }, begun.length === 0 ? 0 : (elapsedMs() - Math.min(...begun)) / 1_000);
  };
  return {
    /** `look`: now and then; `end`: once. */
    begin: (topic: TopicRole, partition: number) => {
      const chunk: Chunk = { topic, partition, begunAt: elapsedMs(), isTold: false };
      chunks.add(chunk);
      return {
        look: (): void => {
          tell(topic);
          if (chunk.isTold || elapsedMs() - chunk.begunAt < LONG_MS) return;
          chunk.isTold = true;
          logger.warn({ groupId, topic, partition, seconds: LONG_MS / 1_000 }, 'events are in hand for long');
        },
        end: (): void => {
          chunks.delete(chunk);
          if (chunk.isTold)
            logger.info({ groupId, topic, partition }, 'events that were in hand for long are done with');
          tell(topic);
        },
      };
    },
  };
}
