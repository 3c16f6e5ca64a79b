import { PROJECTED_TOPICS, PROJECTOR_GROUPS } from '@muster/contracts';
import type { System } from './system.js';

/** Messages in front of the projector. */
export async function waitingIn({ eventLog }: Pick<System, 'eventLog'>): Promise<number> {
  const lags = await Promise.all(PROJECTED_TOPICS.map((topic) => eventLog.lag(PROJECTOR_GROUPS[topic], [topic])));
  return lags.flat().reduce((sum, { lag }) => sum + lag, 0);
}
