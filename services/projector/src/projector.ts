import { PROJECTED_TOPICS, PROJECTOR_GROUPS, TOPICS, type ProjectedTopic } from '@muster/contracts';
import type { Consumer, ConsumerOptions, EventLog } from '@muster/event-log';
import type { ProjectorDependencies } from './handle-batch.js';
import { handleBatch } from './handle-batch.js';
import { createLeftovers, type Leftovers } from './leftovers.js';
import { createTenantTurns } from './tenant-turns.js';

/**
 * Observations come by the thousand and wait for the database only: what is written of them at a time is what a
 * notification's write may have to wait for. As many of a sweep as of full reads, so that the database goes to them by
 * halves.
 */
const OBSERVATIONS: Pick<ConsumerOptions, 'maxBatch'> = { maxBatch: 33 };
/** What a batch of notifications waits for is Graph, mostly. */
const SIZES: Record<ProjectedTopic, Pick<ConsumerOptions, 'maxBatch'>> = {
  notifications: {},
  observations: OBSERVATIONS,
  sweeps: OBSERVATIONS,
};

type Given = Omit<ProjectorDependencies, 'turns'>;
type Options = Given & { log: Pick<EventLog, 'consumer'>; onCrash: (error: Error) => void };

/** All consumers as one part of the service: none waits for another to start or to stop. */
export type Projector = Pick<Consumer, 'start' | 'stop' | 'state'> & Pick<Leftovers, 'tellLate'>;

/** The consumers that turn what is on the log into documents and changes. */
export function createProjector({ log, onCrash, ...given }: Options): Projector {
  const leftovers = createLeftovers(given);
  let underWay: Promise<void> | undefined;
  /** Once for all: none begins before what an earlier life left is told. */
  const onAssigned = (): Promise<void> =>
    (underWay ??= leftovers.tellAll().finally(() => {
      underWay = undefined;
    }));
  const consume = (topic: ProjectedTopic): Consumer => {
    // Of each topic its own: rows of full reads, which come by the thousand, take no turn of a notification.
    const dependencies = { ...given, turns: createTenantTurns(TOPICS[topic].partitions) };
    return log.consumer({
      groupId: PROJECTOR_GROUPS[topic],
      topics: [topic],
      fromBeginning: true,
      // Side by side: kafkajs fetches again when all that it fetched is handled, so whoever would have to wait for a turn
      // would keep everyone waiting.
      partitionsAtOnce: TOPICS[topic].partitions,
      ...SIZES[topic],
      onAssigned,
      handle: (batch) => handleBatch(batch, dependencies),
      onCrash,
    });
  };
  const consumers = PROJECTED_TOPICS.map(consume);
  const each = async (act: (one: Consumer) => Promise<void>): Promise<void> => {
    await Promise.all(consumers.map(act));
  };
  return {
    start: () => each((one) => one.start()),
    stop: () => each((one) => one.stop()),
    tellLate: leftovers.tellLate,
    state: () => {
      const states = consumers.map((one) => one.state());
      return states.find(({ status }) => status !== 'running') ?? { status: 'running' };
    },
  };
}
