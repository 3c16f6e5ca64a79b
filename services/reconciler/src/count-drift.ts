import { toPersonKey, type Drift } from '@muster/contracts';
import { kindOfDrift, NO_DRIFT } from './domain/loss-meter.js';
import { isPersonTold, type SeenPerson } from './domain/told-already.js';
import type { SnapshotRun } from './snapshot-run.js';

/** More than this of a page are not on the way one by one: counted at once. */
const MOST_ON_THE_WAY = 100;
/** Most of what is on the way is there by the first look, so that a page is not held up for longer. */
const FIRST_LOOK_MS = 100;
/** However many pages differ, a read is not held up longer than by so many that did not settle. */
const MOST_UNSETTLED = 15;

export type SeenPeople = { people: readonly SeenPerson[]; observedAt: string };
/**
 * Looks at a page's people in scope before they are published; counts those whom the documents do not know so. Answers whom
 * they know so well that nobody has to be told.
 */
export type DriftCounter = { look: (seen: SeenPeople) => Promise<ReadonlySet<string>>; drift: () => Drift | null };

const NOBODY: ReadonlySet<string> = new Set();

/** Null for a first load, which finds everyone. */
export async function openDriftCounter(run: SnapshotRun): Promise<DriftCounter> {
  const { integrationId } = run.settings;
  const earlier = await run.tries(() => run.store.snapshots.last(integrationId, 'users', ['complete']));
  if (!earlier) return { look: () => Promise.resolve(NOBODY), drift: () => null };
  const drift = { ...NO_DRIFT };
  let leftMs = MOST_UNSETTLED * run.settleMs;
  const settled = async (differing: readonly Differing[], observedAt: string): Promise<readonly Differing[]> => {
    if (differing.length > MOST_ON_THE_WAY || leftMs < run.settleMs) return differing;
    let left = differing;
    let waited = 0;
    for (let waitMs = FIRST_LOOK_MS; left.length > 0 && waited < run.settleMs; waitMs *= 2) {
      const ms = Math.min(waitMs, run.settleMs - waited);
      await run.pause(ms);
      waited += ms;
      left = (await compare(run, { people: left.map(({ person }) => person), observedAt })).differing;
    }
    if (left.length > 0) leftMs -= waited;
    return left;
  };
  return {
    async look(seen) {
      if (seen.people.length === 0) return NOBODY;
      // Ahead of the documents: what was told before is in them then.
      const isCaughtUp = await run.caughtUp();
      const { differing, told } = await compare(run, seen);
      if (differing.length > 0) for (const { kind } of await settled(differing, seen.observedAt)) drift[kind] += 1;
      return isCaughtUp ? told : NOBODY;
    },
    drift: () => drift,
  };
}

type Differing = { person: SeenPerson; kind: keyof Drift };
type Compared = { differing: Differing[]; told: Set<string> };

async function compare(run: SnapshotRun, { people, observedAt }: SeenPeople): Promise<Compared> {
  const { tenantId } = run.settings;
  const keys = people.map(({ user }) => toPersonKey(tenantId, user.userId));
  const known = await run.tries(() => run.store.users.load(keys));
  const compared: Compared = { differing: [], told: new Set() };
  for (const person of people) {
    const { user } = person;
    const stored = known.get(toPersonKey(tenantId, user.userId));
    if (isPersonTold(stored, person, run.settings)) compared.told.add(user.userId);
    const readAt = stored?.facts?.userObservedAt ?? stored?.document.observedAt ?? '';
    // Who was read later than the row was: what differs is the row that is old.
    if (readAt > observedAt) continue;
    const isOut = stored?.document.status === 'out-of-scope';
    const kind = isOut ? 'added' : kindOfDrift({ userId: user.userId, user }, stored ?? null);
    if (kind) compared.differing.push({ person, kind });
  }
  return compared;
}
