import { Failure } from '@muster/contracts';

/** Of one reading that begins with `first`: takes the next link, or throws where it was followed already, for that would never end. */
export function createTrail(first: string, what: string): (next: string | null) => void {
  const followed = new Set([first]);
  return (next) => {
    if (next === null) return;
    if (followed.has(next))
      throw new Failure('graph.malformed', `${what}: Graph's page names one as the next that was read already`, {
        retryable: true,
      });
    followed.add(next);
  };
}
