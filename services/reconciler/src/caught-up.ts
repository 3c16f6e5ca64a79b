import { PROJECTED_TOPICS, PROJECTOR_GROUPS } from '@muster/contracts';
import type { EventLog, TopicLag } from '@muster/event-log';
import type { Now } from '@muster/runtime';

/**
 * Whether all that was told before the question is in the documents; waits a moment for it. Only then may what a read saw be
 * left out where a document says it already: else something older that still waits would win.
 */
export type CaughtUp = () => Promise<boolean>;

type Options = {
  log: Pick<EventLog, 'lag'>;
  pause: (ms: number) => Promise<void>;
  now: Now;
};

const LOOK_MS = 50;
const PATIENCE_MS = 1_000;
/** A projector that was behind for so long is not waited for again at once: what is read is told meanwhile. */
const BEHIND_MS = 10_000;

export function createCaughtUp({ log, pause, now }: Options): CaughtUp {
  let behindUntil = 0;
  const read = async (): Promise<TopicLag[]> => {
    const lags = await Promise.all(PROJECTED_TOPICS.map((topic) => log.lag(PROJECTOR_GROUPS[topic], [topic])));
    return lags.flat();
  };
  return async () => {
    let waiting = (await read()).filter((one) => one.lag > 0 || isAhead(one));
    const asked = now().getTime();
    if (waiting.length === 0 || asked < behindUntil) return waiting.length === 0;
    while (waiting.length > 0 && now().getTime() - asked < PATIENCE_MS) {
      await pause(LOOK_MS);
      const current = await read();
      waiting = waiting.filter((mark) => !isReached(mark, current));
    }
    if (waiting.length > 0) behindUntil = now().getTime() + BEHIND_MS;
    return waiting.length === 0;
  };
}

/** The end at that time is committed. */
const isReached = ({ topic, partition, endOffset }: TopicLag, current: readonly TopicLag[]): boolean =>
  current.some(
    (one) =>
      one.topic === topic &&
      one.partition === partition &&
      !isAhead(one) &&
      (one.lag === 0 || (one.committedOffset !== null && BigInt(one.committedOffset) >= BigInt(endOffset))),
  );

/** Of a topic that was made anew: what the group has committed says nothing of it. */
const isAhead = ({ committedOffset, endOffset }: TopicLag): boolean =>
  committedOffset !== null && BigInt(committedOffset) > BigInt(endOffset);
