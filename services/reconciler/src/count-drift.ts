import { toPersonKey, type DirectoryUser, type Drift } from '@muster/contracts';
import { kindOfDrift, NO_DRIFT } from './domain/loss-meter.js';
import type { SnapshotRun } from './snapshot-run.js';

/** More than this of a page are not on the way one by one: counted at once. */
const MOST_ON_THE_WAY = 100;
/** However many pages differ, a read is not held up longer than this in all. */
const MOST_SETTLES = 15;

export type SeenPeople = { users: readonly DirectoryUser[]; observedAt: string };
/** Looks at a page's people in scope before they are published; counts those whom the documents do not know so. */
export type DriftCounter = { look: (seen: SeenPeople) => Promise<void>; drift: () => Drift | null };

/** Null for a first load, which finds everyone. */
export async function openDriftCounter(run: SnapshotRun): Promise<DriftCounter> {
  const { integrationId } = run.settings;
  const earlier = await run.tries(() => run.store.snapshots.last(integrationId, 'users', ['complete']));
  if (!earlier) return { look: () => Promise.resolve(), drift: () => null };
  const drift = { ...NO_DRIFT };
  let settles = 0;
  const settled = async (differing: readonly Differing[], observedAt: string): Promise<readonly Differing[]> => {
    if (differing.length > MOST_ON_THE_WAY || settles >= MOST_SETTLES) return differing;
    settles += 1;
    await run.pause(run.settleMs);
    const users = differing.map(({ user }) => user);
    return findDiffering(run, users, observedAt);
  };
  return {
    async look({ users, observedAt }) {
      const differing = await findDiffering(run, users, observedAt);
      if (differing.length === 0) return;
      for (const { kind } of await settled(differing, observedAt)) drift[kind] += 1;
    },
    drift: () => drift,
  };
}

type Differing = { user: DirectoryUser; kind: keyof Drift };

async function findDiffering(
  run: SnapshotRun,
  users: readonly DirectoryUser[],
  observedAt: string,
): Promise<Differing[]> {
  const { tenantId } = run.settings;
  const known = await run.tries(() => run.store.users.load(users.map(({ userId }) => toPersonKey(tenantId, userId))));
  return users.flatMap((user): Differing[] => {
    const stored = known.get(toPersonKey(tenantId, user.userId));
    const readAt = stored?.facts?.userObservedAt ?? stored?.document.observedAt ?? '';
    // Who was read later than the row was: what differs is the row that is old.
    if (readAt > observedAt) return [];
    const isOut = stored?.document.status === 'out-of-scope';
    const kind = isOut ? 'added' : kindOfDrift({ userId: user.userId, user }, stored ?? null);
    return kind ? [{ user, kind }] : [];
  });
}
