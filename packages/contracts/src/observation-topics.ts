import type { Observation } from './observation.js';
import type { ObservationTopic } from './topics.js';

/** Says of a person: gone, or not in the group. */
export const isOut = (seen: Observation): boolean =>
  (seen.type === 'user' && (seen.user === null || seen.membership?.inGroup === false)) ||
  (seen.type === 'membership' && !seen.inGroup);

/**
 * The topics on which an observation is told (docs/decisions/0019). `observations`: what full reads saw, ahead of their end
 * marks. `sweeps`: what was seen of single people and groups, and who is out by whichever read; no full read stands before it.
 *
 * Who has no document (`isKnown` false) leaves no memory by being out, so a row from before that still waits would bring the
 * person in: that one is told as out behind the rows, too.
 */
export function topicsOf(seen: Observation, { isKnown }: { isKnown: boolean }): readonly ObservationTopic[] {
  if (isOut(seen)) return isKnown ? ['sweeps'] : ['sweeps', 'observations'];
  return [seen.source === 'full' ? 'observations' : 'sweeps'];
}
