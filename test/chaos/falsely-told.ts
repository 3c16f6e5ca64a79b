import type { UserStatus } from '@muster/contracts';

/** What was ever true in a tenant, however short, by the simulator. */
export type Leavers = {
  readonly deleted: readonly string[];
  readonly removed: readonly string[];
  /** A group went out of another, or was deleted: whoever was in it went, too. */
  readonly didGroupsMove: boolean;
};

/** Who was told as gone or outside and never was: a partial read that removed somebody, however soon it was mended. */
export function findFalselyTold(
  statuses: ReadonlyMap<string, ReadonlySet<UserStatus>>,
  { tenantId, leavers }: { tenantId: string; leavers: Leavers },
): string[] {
  const deleted = new Set(leavers.deleted);
  const removed = new Set(leavers.removed);
  return [...statuses].flatMap(([person, told]) => {
    if (!person.startsWith(`${tenantId}/`)) return [];
    const userId = person.slice(tenantId.length + 1);
    const wasDeleted = deleted.has(userId);
    const wasOutside = wasDeleted || removed.has(userId) || leavers.didGroupsMove;
    return [
      ...(told.has('deleted') && !wasDeleted ? [`${person} was told as deleted and never was`] : []),
      ...(told.has('out-of-scope') && !wasOutside ? [`${person} was told as out of scope and never was`] : []),
    ];
  });
}
