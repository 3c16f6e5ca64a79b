import { Failure, isFailure, type DirectoryChange } from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { Projected, Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import type { ProjectorMetrics } from './projector-metrics.js';
import { publishChanges } from './write-projected.js';

/** Changes that were stored, and of which nobody knows whether they were told. */
export type Leftovers = {
  /** Those of an earlier holder of the partitions, who told what it wrote at once or is gone. */
  tellAll: () => Promise<void>;
  /**
   * Those that have waited for long: what is still under way comes twice, under the same id. A write whose answer is lost is tried
   * again with its batch, and that may be decided otherwise by then: so many are named in it that a sweep is to tell, or Graph does
   * not answer. Of whom nothing new is heard nobody would tell. Goes no further once `signal` is aborted.
   */
  tellLate: (signal?: AbortSignal) => Promise<void>;
};
export type LeftoversOptions = {
  store: { users: Waiting; mfa: Waiting };
  publisher: Pick<Publisher, 'publish'>;
  metrics: Pick<ProjectorMetrics, 'leftovers'>;
  logger: Logger;
  now: Now;
};
type IsDue = (change: DirectoryChange) => boolean;
type Waiting = Pick<Store['users'], 'leftovers' | 'published'> | Pick<Store['mfa'], 'leftovers' | 'published'>;

/** How often is looked for late ones, ms. */
export const LOOK_EVERY_MS = 15_000;
const LATE_MS = 30_000;
const AT_ONCE = 500;

export function createLeftovers({ store, publisher, metrics, logger, now }: LeftoversOptions): Leftovers {
  const tell = async (isDue: IsDue, what: string, signal?: AbortSignal): Promise<void> => {
    try {
      const users = await tellWaiting(store.users, publisher, { isDue, signal });
      const mfa = await tellWaiting(store.mfa, publisher, { isDue, signal });
      metrics.leftovers.inc(users + mfa);
      if (users + mfa > 0) logger.info({ users, mfa }, `pending changes ${what} published`);
    } catch (error) {
      if (isFailure(error)) throw error;
      const message = 'pending changes could not be published';
      throw new Failure('projector.leftovers', message, { retryable: true, cause: error });
    }
  };
  // Of a time to come: decided before the clock was set back.
  const isLate = ({ time }: DirectoryChange): boolean => Math.abs(now().getTime() - Date.parse(time)) >= LATE_MS;
  return {
    tellAll: () => tell(() => true, 'of an earlier life'),
    tellLate: (signal) => tell(isLate, 'that nobody told', signal),
  };
}

/** Oldest first. Answers how many. */
async function tellWaiting(
  collection: Pick<Projected<never>, 'leftovers' | 'published'>,
  publisher: Pick<Publisher, 'publish'>,
  { isDue, signal }: { isDue: IsDue; signal: AbortSignal | undefined },
): Promise<number> {
  let published = 0;
  while (!signal?.aborted) {
    const waiting = await collection.leftovers(AT_ONCE);
    const due = waiting.filter(({ pending }) => isDue(pending)).map(({ id, pending }) => ({ id, change: pending }));
    await publishChanges(due, collection, publisher);
    published += due.length;
    if (due.length < AT_ONCE) break;
  }
  return published;
}
