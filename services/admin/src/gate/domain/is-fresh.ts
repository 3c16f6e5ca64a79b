import type { CursorRecord, IntegrationSettings } from '@muster/contracts';

export type FreshnessFacts = {
  settings: Pick<IntegrationSettings, 'state' | 'features' | 'tenantId' | 'groupId'>;
  cursors: readonly CursorRecord[];
  canaries: readonly { partition: number; at: string }[];
  partitions: number;
  now: Date;
};

/** Three periods each: canary 1 min, group delta 15 s (with its back-off), people's delta 3 min. */
const CANARY_MS = 3 * 60_000;
const GROUP_MS = 2 * 60_000;
const USERS_MS = 10 * 60_000;

/**
 * Whether the projection may be believed for who may enter: notifications come through every partition, and the
 * changes of people and of this very group were followed lately.
 */
export function isFresh({ settings, cursors, canaries, partitions, now }: FreshnessFacts): boolean {
  if (settings.state !== 'active' || !settings.features.userSync) return false;
  const isYoung = (at: string, ms: number): boolean => now.getTime() - Date.parse(at) <= ms;
  const flown = new Set(canaries.filter(({ at }) => isYoung(at, CANARY_MS)).map(({ partition }) => partition));
  if (flown.size < partitions) return false;
  const followed = (kind: CursorRecord['kind'], ms: number): boolean =>
    cursors.some(
      (cursor) =>
        cursor.kind === kind &&
        cursor.tenantId === settings.tenantId &&
        cursor.links.length > 0 &&
        cursor.baselineEndedAt !== null &&
        (kind === 'users' || cursor.groupId === settings.groupId) &&
        isYoung(cursor.sweptAt, ms),
    );
  return followed('users', USERS_MS) && (settings.groupId === null || followed('group', GROUP_MS));
}
