import { toPersonKey, type DirectoryUser, type Drift } from '@muster/contracts';
import { kindOfDrift, NO_DRIFT, type KnownRow } from './domain/loss-meter.js';
import type { SnapshotRun } from './snapshot-run.js';

export type SeenPeople = { users: readonly DirectoryUser[]; observedAt: string };
/** Looks at a page's people in scope before they are published; counts those whom the documents do not know so. */
export type DriftCounter = { look: (seen: SeenPeople) => Promise<void>; drift: () => Drift | null };

/** Null for a first load, which finds everyone. */
export async function openDriftCounter(run: SnapshotRun): Promise<DriftCounter> {
  const { integrationId } = run.settings;
  const earlier = await run.tries(() => run.store.snapshots.last(integrationId, 'users', ['complete']));
  if (!earlier) return { look: () => Promise.resolve(), drift: () => null };
  const drift = { ...NO_DRIFT };
  return {
    async look({ users, observedAt }) {
      const differing = await findDiffering(run, users, observedAt);
      if (differing.length === 0) return;
      await run.pause(run.settleMs);
      for (const { kind } of await findDiffering(
        run,
        differing.map(({ user }) => user),
        observedAt,
      ))
        drift[kind] += 1;
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
    const row: KnownRow | null = stored ? { document: stored.document, readAt } : null;
    const isOut = row?.document.status === 'out-of-scope';
    const kind = isOut ? 'added' : kindOfDrift({ userId: user.userId, user }, row);
    return kind ? [{ user, kind }] : [];
  });
}
