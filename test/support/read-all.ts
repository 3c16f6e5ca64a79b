import { randomUUID } from 'node:crypto';
import type { TopicRole } from '@muster/contracts';
import { eventually } from './eventually.js';
import { patiently } from './patiently.js';

type Place = { partition: number; offset: string };
type Kept = { partition: number; endOffset: string; lag: number };
/** What an event log can be asked. */
export type Readable<Event extends Place> = {
  lag: (groupId: string, topics: readonly TopicRole[]) => Promise<readonly Kept[]>;
  readNewest: (topic: TopicRole, limit: number) => Promise<readonly Event[]>;
};

/** More than any test makes. */
const MOST = 100_000;

/**
 * Whatever a topic holds now, newest first. `readNewest` answers what it has after a while: where a slow broker leaves some
 * out, it is read again; what came later is not counted.
 */
export async function readAll<Event extends Place>(log: Readable<Event>, topic: TopicRole): Promise<readonly Event[]> {
  const kept = await patiently(() => log.lag(randomUUID(), [topic]));
  const ends = new Map(kept.map(({ partition, endOffset }) => [partition, BigInt(endOffset)]));
  // A group that never read has everything before it.
  const count = kept.reduce((sum, { lag }) => sum + lag, 0);
  return eventually(
    async () => {
      const events = await log.readNewest(topic, MOST);
      const then = events.filter(({ partition, offset }) => BigInt(offset) < (ends.get(partition) ?? 0n));
      return then.length === count && then;
    },
    { within: 60_000, every: 500, what: `all ${count} events of ${topic}` },
  );
}
