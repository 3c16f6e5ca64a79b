import { Failure } from '@muster/contracts';
import type { GroupMember } from '@muster/graph-client';
import { toGroupTree, unreadGroups, type GroupTree } from './domain/group-tree.js';
import type { Run } from './run.js';

export type ReadTree = GroupTree & {
  /** By group id. */
  names: ReadonlyMap<string, string | null>;
  /** When the first of its reads began: everything in it is at least as young. */
  observedAt: string;
};

/** Reads the chosen group and what is nested in it. Rejects with `group.vanished` when the chosen group is gone. */
export async function readGroupTree(run: Run, chosen: string): Promise<ReadTree> {
  const graph = run.graph();
  const members = new Map<string, readonly GroupMember[]>();
  const names = new Map<string, string | null>();
  let observedAt: string | undefined;
  for (let unread = unreadGroups(chosen, members); unread.length > 0; unread = unreadGroups(chosen, members)) {
    for (const groupId of unread) {
      const group = await run.tries(() => graph.readGroup(groupId));
      if (!group) throw groupId === chosen ? vanished(chosen) : contradictory(groupId);
      names.set(groupId, group.displayName);
      const read = await readMembers(run, groupId);
      members.set(groupId, read.direct);
      observedAt ??= read.observedAt;
    }
  }
  if (observedAt === undefined) throw vanished(chosen);
  return { ...toGroupTree(chosen, members), names, observedAt };
}

const vanished = (groupId: string): Failure =>
  new Failure('group.vanished', 'The chosen group is gone. Nobody was removed; choose a group in the settings.', {
    retryable: false,
    details: { groupId },
  });

/** Named as a member a moment ago: whoever is in by it would seem to have left. The next read sees one or the other. */
const contradictory = (groupId: string): Failure =>
  new Failure(
    'group.contradictory',
    `Graph names the group ${groupId} as a member and says that it is not there. Nobody was removed; if it stays so, take it out of its group.`,
    { retryable: true, details: { groupId } },
  );

/** From the start again when a page fails: a group's members are few beside the tenant's people. */
function readMembers(run: Run, groupId: string): Promise<{ direct: GroupMember[]; observedAt: string }> {
  return run.tries(async () => {
    const direct: GroupMember[] = [];
    let malformed = 0;
    let observedAt: string | undefined;
    for await (const page of run.graph().memberPages(groupId)) {
      direct.push(...page.rows);
      malformed += page.malformed;
      observedAt ??= page.observedAt;
    }
    if (observedAt === undefined)
      throw new Failure('graph.malformed', 'Graph answered no page of members.', { retryable: true });
    run.addMalformed(malformed);
    return { direct, observedAt };
  });
}
