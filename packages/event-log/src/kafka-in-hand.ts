import type { TopicRole } from '@muster/contracts';
import type { Logger, Metrics } from '@muster/telemetry';

type Chunk = { topic: TopicRole; partition: number; begunAt: number; movedAt: number; isTold: boolean };
type Options = {
  groupId: string;
  logger: Logger;
  metrics?: Metrics | undefined;
  elapsedMs: () => number;
  /** A chunk stands still for good: only another process takes it up again. */
  onStuck: (error: Error) => void;
};

/** Chunks take milliseconds, and seconds while a server is slow. */
const LONG_MS = 60_000;
/**
 * No handler is so long without a sign of life of its own. The projector waits 5 s for Graph, however long a Retry-After,
 * and leaves the rest to a sweep; the keeper 5 s for each lifecycle event, with a sign behind each; requests are only
 * remembered. What is left are commands of the store and produces, which end by 120 s, several one after another.
 */
const STUCK_MS = 900_000;

/**
 * For how long the chunks in hand have been so. One that stands still says nothing by itself: its partition keeps its
 * heartbeats and waits. In the end it is given up: what was not committed comes again.
 */
export function createInHand({ groupId, logger, metrics, elapsedMs, onStuck }: Options) {
  const age = metrics?.gauge('muster_event_batch_age_seconds', 'Age of the oldest chunk in hand; 0 without one.', [
    'group',
    'topic',
  ]);
  const chunks = new Set<Chunk>();
  const tell = (topic: TopicRole): void => {
    const begun = [...chunks].filter((chunk) => chunk.topic === topic).map(({ begunAt }) => begunAt);
    age?.set({ group: groupId, topic }, begun.length === 0 ? 0 : (elapsedMs() - Math.min(...begun)) / 1_000);
  };
  const warnOnce = (chunk: Chunk): void => {
    if (chunk.isTold || elapsedMs() - chunk.begunAt < LONG_MS) return;
    chunk.isTold = true;
    const { topic, partition } = chunk;
    logger.warn({ groupId, topic, partition, seconds: LONG_MS / 1_000 }, 'events are in hand for long');
  };
  return {
    /** `look`: now and then; `moved`: its handler shows that it goes on; `end`: once. */
    begin: (topic: TopicRole, partition: number) => {
      const chunk: Chunk = { topic, partition, begunAt: elapsedMs(), movedAt: elapsedMs(), isTold: false };
      chunks.add(chunk);
      return {
        look: (): void => {
          tell(topic);
          warnOnce(chunk);
          if (elapsedMs() - chunk.movedAt < STUCK_MS) return;
          onStuck(new Error(`events of ${topic}/${partition} stand still for ${STUCK_MS / 60_000} min`));
        },
        moved: (): void => void (chunk.movedAt = elapsedMs()),
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
