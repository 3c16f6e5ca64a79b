import type { SnapshotsStore } from '@muster/store';

export type SizesOptions = {
  snapshots: Pick<SnapshotsStore, 'last'>;
  /** Milliseconds that never go back. */
  now?: () => number;
};

const LOOK_AGAIN_MS = 300_000;
/** While there is no full read yet. */
const LOOK_SOON_MS = 10_000;

/**
 * How many people a tenant has, by its last complete read of users; undefined until that is known. Never waits: it
 * answers what it knows, and looks again in the background.
 */
export function createTenantSizes({ snapshots, now = monotonic }: SizesOptions): (id: string) => number | undefined {
  const known = new Map<string, { people: number | undefined; nextAt: number }>();
  const look = async (integrationId: string): Promise<void> => {
    const snapshot = await snapshots.last(integrationId, 'users', ['complete']);
    const people = snapshot ? Math.max(snapshot.rows, snapshot.expectedRows ?? 0) : undefined;
    known.set(integrationId, { people, nextAt: now() + (snapshot ? LOOK_AGAIN_MS : LOOK_SOON_MS) });
  };
  return (integrationId) => {
    const size = known.get(integrationId);
    if (!size || size.nextAt <= now()) {
      known.set(integrationId, { people: size?.people, nextAt: now() + LOOK_SOON_MS });
      // Without it the tenant counts as it did.
      look(integrationId).catch(() => undefined);
    }
    return size?.people;
  };
}

const monotonic = (): number => performance.now();
