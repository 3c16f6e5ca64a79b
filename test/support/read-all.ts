import type { TopicRole } from '@muster/contracts';
import { patiently } from './patiently.js';

/** What an event log can be asked. */
export type Readable<Event> = { readNewest: (topic: TopicRole, limit: number) => Promise<readonly Event[]> };

/** More than any test makes. */
const MOST = 100_000;

/** Whatever a topic holds now, newest first; where a slow broker breaks off, it is read again. */
export const readAll = <Event>(log: Readable<Event>, topic: TopicRole): Promise<readonly Event[]> =>
  patiently(() => log.readNewest(topic, MOST));
