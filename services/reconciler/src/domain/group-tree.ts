/** The chosen group's tree: who is in it, and by which way. */

export type Member = { id: string; kind: 'user' | 'group' };
/** Direct members by group id; what was not read is absent. */
export type DirectMembers = ReadonlyMap<string, readonly Member[]>;

export type GroupTree = {
  /** By group id: ids from the chosen group down to this one. */
  groupPaths: ReadonlyMap<string, readonly string[]>;
  /** By person: the group that holds them on the shortest way. */
  holders: ReadonlyMap<string, string>;
};

const byId = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/**
 * Breadth first from the chosen group, each group once: cycles end and diamonds keep the shortest way. Of equally short
 * ways the first in id order wins, so the same directory always gives the same paths, and no change is told twice.
 */
export function toGroupTree(chosen: string, members: DirectMembers): GroupTree {
  const groupPaths = new Map<string, readonly string[]>([[chosen, [chosen]]]);
  const holders = new Map<string, string>();
  // A Map keeps the order of insertion and this loop also meets what is added meanwhile: it is the queue.
  for (const [groupId, path] of groupPaths) {
    const direct = members.get(groupId) ?? [];
    for (const { id, kind } of direct) if (kind === 'user' && !holders.has(id)) holders.set(id, groupId);
    const nested = direct.filter(({ id, kind }) => kind === 'group' && !groupPaths.has(id)).map(({ id }) => id);
    for (const id of nested.sort(byId)) groupPaths.set(id, [...path, id]);
  }
  return { groupPaths, holders };
}

/** Groups of the tree whose members were not read yet. */
export const unreadGroups = (chosen: string, members: DirectMembers): string[] =>
  [...toGroupTree(chosen, members).groupPaths.keys()].filter((groupId) => !members.has(groupId));

/** Ids from the chosen group down to the one that holds the person; null when the person is not in the tree. */
export function groupPathOf(tree: GroupTree, userId: string): readonly string[] | null {
  const holder = tree.holders.get(userId);
  return holder === undefined ? null : (tree.groupPaths.get(holder) ?? null);
}
