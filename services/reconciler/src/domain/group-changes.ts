import type { TreeGroup } from '@muster/contracts';

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
  /** Groups came, went or were nested elsewhere: who is in, and why, has to be read anew. */
  treeChanged: boolean;
  people: PersonChange[];
  renamed: TreeGroup[];
};

/** Slices of a group over several pages become one; of several rows about one member the last counts. */
export function mergeGroupRows(
  rows: readonly GroupRow[],
  { chosen, tree }: { chosen: string; tree: readonly TreeGroup[] },
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
  return {
    vanished: gone.get(chosen) === true,
    treeChanged:
      [...gone].some(([groupId, isGone]) => isGone && groupId !== chosen) ||
      changed.some(({ kind }) => kind === 'group'),
    people: changed.flatMap(({ id, kind, groupId, removed }) =>
      kind === 'user' ? [{ userId: id, groupId, removed }] : [],
    ),
    renamed: tree.flatMap((group) => {
      const displayName = names.get(group.groupId) ?? group.displayName;
      return displayName === group.displayName ? [] : [{ ...group, displayName }];
    }),
  };
}

export const isSameWay = (way: readonly string[], other: readonly string[]): boolean =>
  way.length === other.length && way.every((id, index) => id === other[index]);
