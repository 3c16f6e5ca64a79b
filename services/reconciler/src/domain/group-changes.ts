import type { CursorRecord, TreeGroup } from '@muster/contracts';

type MemberChange = { id: string; kind: 'user' | 'group'; removed: boolean };
type GroupRow = {
  groupId: string;
  removed: 'soft' | 'hard' | null;
  displayName?: string | null | undefined;
  members: readonly MemberChange[];
};
export type PersonChange = { userId: string; groupId: string; removed: boolean };
export type GroupChanges = {
  /** The chosen group is gone. */
  vanished: boolean;
  /** Groups came, came back, went or were nested elsewhere: who is in, and why, has to be read anew. */
  treeChanged: boolean;
  deleted: string[];
  people: PersonChange[];
  renamed: TreeGroup[];
};

/** Slices of a group over several pages become one; of several rows about one member the last counts. */
export function mergeGroupRows(
  rows: readonly GroupRow[],
  { chosen, tree, deleted = [] }: { chosen: string; tree: readonly TreeGroup[]; deleted?: readonly string[] },
): GroupChanges {
  const gone = new Map<string, boolean>();
  const names = new Map<string, string | null>();
  const members = new Map<string, MemberChange & { groupId: string }>();
  for (const row of rows) {
    gone.set(row.groupId, row.removed !== null);
    if (row.displayName !== undefined) names.set(row.groupId, row.displayName);
    for (const member of row.members) members.set(`${row.groupId}/${member.id}`, { ...member, groupId: row.groupId });
  }
  const changed = [...members.values()];
  const living = new Set(tree.map(({ groupId }) => groupId).filter((groupId) => !deleted.includes(groupId)));
  return {
    vanished: gone.get(chosen) === true,
    treeChanged:
      [...gone].some(([groupId, isGone]) => (isGone ? groupId !== chosen : !living.has(groupId))) ||
      changed.some(({ kind }) => kind === 'group'),
    deleted: [...gone].flatMap(([groupId, isGone]) => (isGone ? [groupId] : [])),
    people: changed.flatMap(({ id, kind, groupId, removed }) =>
      kind === 'user' ? [{ userId: id, groupId, removed }] : [],
    ),
    renamed: tree.flatMap((group) => {
      const displayName = names.get(group.groupId) ?? group.displayName;
      return displayName === group.displayName ? [] : [{ ...group, displayName }];
    }),
  };
}

/** Entra keeps a deleted group for 30 days (https://learn.microsoft.com/entra/identity/users/groups-restore-deleted). */
const RESTORABLE_MS = 30 * 86_400_000;

/** Those that may be restored yet; the chosen one for as long as it is chosen, so that nobody forgets that it is gone. */
export function rememberDeleted(
  earlier: CursorRecord['deletedGroups'],
  { chosen, deleted, at }: { chosen: string; deleted: readonly string[]; at: string },
): NonNullable<CursorRecord['deletedGroups']> {
  const isYoung = (one: { at: string }): boolean => Date.parse(at) - Date.parse(one.at) < RESTORABLE_MS;
  const young = (earlier ?? []).filter((one) => one.groupId === chosen || isYoung(one));
  return [...young.filter(({ groupId }) => !deleted.includes(groupId)), ...deleted.map((groupId) => ({ groupId, at }))];
}

export const isSameWay = (way: readonly string[], other: readonly string[]): boolean =>
  way.length === other.length && way.every((id, index) => id === other[index]);
