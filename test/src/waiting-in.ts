import { PROJECTOR_GROUPS, type ProjectedTopic } from '@muster/contracts';
import type { System } from './system.js';

/** Messages in front of the projector. */
export async function waitingIn({ eventLog }: Pick<System, 'eventLog'>): Promise<number> {
  const topics = Object.keys(PROJECTOR_GROUPS) as ProjectedTopic[];
  const lags = await Promise.all(topics.map((topic) => eventLog.lag(PROJECTOR_GROUPS[topic], [topic])));
  return lags.flat().reduce((sum, { lag }) => sum + lag, 0);
}
