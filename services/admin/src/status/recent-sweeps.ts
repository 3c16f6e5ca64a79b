import type { Store } from '@muster/store';

type Coverage = Pick<Store['coverage'], 'since'>;
type Sweep = Awaited<ReturnType<Coverage['since']>>[number];
/** What the loss is summed of. */
export type RecentSweep = Pick<
  Sweep,
  'to' | 'readUntil' | 'judgedAt' | 'announced' | 'found' | 'lost' | 'worstDelayMs'
>;

/** By id; and until when all that ended is known and will not change any more. */
type Known = { sweeps: Map<string, RecentSweep>; knownUntil: string; readAllAt: number };

/** All are read again after this. */
const WHOLE_EVERY_MS = 3_600_000;

/**
 * Sweeps of an integration that ended since a moment, those that found and announced nobody left out. A day of them is hundreds,
 * and who watches asks every few seconds: only those are read that are new, or were not judged when they were last read.
 */
export function createRecentSweeps(
  coverage: Coverage,
  elapsed: () => number = () => performance.now(),
): (integrationId: string, since: string) => Promise<readonly RecentSweep[]> {
  const known = new Map<string, Known>();
  return async (integrationId, since) => {
    const at = elapsed();
    const held = known.get(integrationId);
    const isKept = held !== undefined && at - held.readAllAt < WHOLE_EVERY_MS && held.knownUntil >= since;
    const found = await coverage.since(integrationId, isKept ? held.knownUntil : since);
    const sweeps = new Map(
      isKept ? [...held.sweeps].filter(([, { to, readUntil }]) => (readUntil ?? to) >= since) : [],
    );
    for (const sweep of found)
      if (isTelling(sweep)) sweeps.set(sweep.sweepId, toRecent(sweep));
      else sweeps.delete(sweep.sweepId);
    known.set(integrationId, {
      sweeps,
      knownUntil: toKnownUntil(found, isKept ? held.knownUntil : since),
      readAllAt: isKept ? held.readAllAt : at,
    });
    return [...sweeps.values()];
  };
}

const isTelling = ({ announced, found, judgedAt }: Sweep): boolean => announced + found > 0 || judgedAt === null;

const toRecent = ({ to, readUntil, judgedAt, announced, found, lost, worstDelayMs }: Sweep): RecentSweep => ({
  ...{ to, readUntil, judgedAt, announced, found, lost, worstDelayMs },
});

/** Of sweeps, oldest first: the first that is still to be judged may change; behind the last one others come. */
function toKnownUntil(found: readonly Sweep[], before: string): string {
  const until = (found.find(({ judgedAt }) => judgedAt === null) ?? found.at(-1))?.to ?? before;
  return until > before ? until : before;
}
