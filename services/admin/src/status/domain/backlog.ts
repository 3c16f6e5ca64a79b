import type { ObservationTopic } from '@muster/contracts';

/** One partition in which something waits. */
export type Waiting = {
  topic: string;
  partition: number;
  waiting: number;
  committedOffset: string | null;
  ageMs: number;
};
/** By partition: the offset that was committed, and since when. */
export type Moves = ReadonlyMap<string, { offset: string | null; since: number }>;
export type Backlog = {
  waiting: number;
  oldestMs: number;
  stuckMs: number;
  partitions: { topic: string; partition: number; waiting: number; oldestMs: number; stuckMs: number }[];
};

/**
 * What matters to an integration that is not read whole now: behind another's full read it waits for nothing
 * (docs/decisions/0019).
 */
export const withoutFullReads = (backlog: Backlog): Backlog =>
  toSums(backlog.partitions.filter(({ topic }) => topic !== FULL_READS));
const FULL_READS: ObservationTopic = 'observations';

const keyOf = ({ topic, partition }: Waiting): string => `${topic}/${partition}`;

/** What is committed moves on while something waits, or it is stuck; so what was seen before is compared with. */
export function observeMoves(before: Moves, waiting: readonly Waiting[], at: number): Moves {
  return new Map(
    waiting.map((one) => {
      const held = before.get(keyOf(one));
      const isSame = held?.offset === one.committedOffset;
      return [keyOf(one), { offset: one.committedOffset, since: held && isSame ? held.since : at }];
    }),
  );
}

/** Stuck for no longer than the oldest has waited: a partition that was idle did not have to move. */
export function toBacklog(moves: Moves, waiting: readonly Waiting[], at: number): Backlog {
  const partitions = waiting.map((one) => ({
    topic: one.topic,
    partition: one.partition,
    waiting: one.waiting,
    oldestMs: one.ageMs,
    stuckMs: Math.min(one.ageMs, at - (moves.get(keyOf(one))?.since ?? at)),
  }));
  return toSums(partitions);
}

const toSums = (partitions: Backlog['partitions']): Backlog => ({
  waiting: partitions.reduce((sum, one) => sum + one.waiting, 0),
  oldestMs: Math.max(0, ...partitions.map(({ oldestMs }) => oldestMs)),
  stuckMs: Math.max(0, ...partitions.map(({ stuckMs }) => stuckMs)),
  partitions,
});
