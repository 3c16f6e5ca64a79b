import { Failure, isFailure, TOPICS } from '@muster/contracts';
import type { Consumer, EventLog } from '@muster/event-log';
import type { ProjectorDependencies } from './handle-batch.js';
import { handleBatch } from './handle-batch.js';
import { publishAllLeftovers } from './write-projected.js';

export const GROUP_ID = 'muster.projector';
/**
 * All partitions of a topic side by side: kafkajs fetches again when all that it fetched is handled, so whoever would
 * have to wait for a turn would keep everyone waiting. What a batch waits for is Graph, mostly.
 */
const PARTITIONS_AT_ONCE = TOPICS.notifications.partitions;

type Options = ProjectorDependencies & { log: Pick<EventLog, 'consumer'>; onCrash: (error: Error) => void };

/** The consumer that turns what is on the log into documents and changes. */
export function createProjector({ log, onCrash, ...dependencies }: Options): Consumer {
  return log.consumer({
    groupId: GROUP_ID,
    topics: ['notifications', 'observations'],
    fromBeginning: true,
    partitionsAtOnce: PARTITIONS_AT_ONCE,
    onAssigned: () => publishLeftovers(dependencies),
    handle: (batch) => handleBatch(batch, dependencies),
    onCrash,
  });
}

/** Changes that an earlier holder of the partitions stored and could not publish go first. */
async function publishLeftovers({ store, publisher, metrics, logger }: ProjectorDependencies): Promise<void> {
  try {
    const users = await publishAllLeftovers(store.users, publisher);
    const mfa = await publishAllLeftovers(store.mfa, publisher);
    metrics.leftovers.inc(users + mfa);
    if (users + mfa > 0) logger.info({ users, mfa }, 'pending changes of an earlier life published');
  } catch (error) {
    if (isFailure(error)) throw error;
    throw new Failure('projector.leftovers', 'pending changes could not be published', {
      retryable: true,
      cause: error,
    });
  }
}
