import { isFailure } from '@muster/contracts';
import type { ReadUser } from '@muster/graph-client';
import { readPeople } from './confirm.js';
import { countInScope } from './count-in-scope.js';
import { groupPathOf } from './domain/group-tree.js';
import { readGroupTree, type ReadTree } from './read-group-tree.js';
import type { SweepRun } from './sweep-run.js';
import { tellMembers, tellRestored, type Entry } from './tell-members.js';

/** `restored`: their documents say deleted. `unknown`: nobody has one; most are outsiders. */
export type Returned = { restored: readonly string[]; unknown: ReadonlySet<string> };

/** `failures`: of this cursor in a row. `isSecondLook`: at those whom the last sweep left. */
type Look = { failures: number; isSecondLook?: boolean };

/** What it costs at Graph, in resource units: one person with the membership, a group of the tree, a page of its members. */
const UNITS = { person: 4, group: 3, page: 2 };
const PAGE = 999;
/** Sweeps that failed in a row, after which a group that cannot be read holds up the people no more. */
const TRIES = 3;

/**
 * People of whom the changes tell, with a group chosen. Who is in the bin is a member whom no list shows, and no change of a
 * group tells of the restoration: so whoever nobody knows is looked for in the tree as it is now.
 */
export async function tellReturned(run: SweepRun, { restored, unknown }: Returned, look: Look): Promise<void> {
  const { groupId } = run.settings;
  const { failures, isSecondLook = false } = look;
  const back = await tellRestored(run, restored, failures);
  const { asked, members } = await narrow(run, [...unknown], failures);
  if (groupId === null || back.length + asked.length === 0) return;
  const tree = await readTree(run, groupId, failures);
  if (!tree) return;
  const toEntry =
    (isKnown: boolean) =>
    (userId: string): Entry[] => {
      const groupPath = groupPathOf(tree, userId);
      return groupPath ? [{ userId, groupPath, isKnown }] : [];
    };
  const entries = [...back.flatMap(toEntry(true)), ...asked.flatMap(toEntry(false))];
  await tellMembers(run, entries, { observedAt: tree.observedAt, failures });
  // A group that lists its members to nobody contradicts itself for ever, and each look costs the tree: so no third one.
  const unlisted = [...back, ...members].filter((userId) => !groupPathOf(tree, userId));
  if (!isSecondLook) run.doubt(unlisted, failures);
}

/** `members`: those of `asked` who are in the group by a read of their own. */
type Narrowed = { asked: readonly string[]; members: readonly string[] };

/** Few people beside a large tree are asked for one by one, and the tree is read only if one of them is in it. */
async function narrow(run: SweepRun, userIds: readonly string[], failures: number): Promise<Narrowed> {
  if (userIds.length === 0) return { asked: [], members: [] };
  const groups = await run.tries(() => run.store.groups.ofTenant(run.settings.tenantId));
  const pages = Math.ceil((await countInScope(run)) / PAGE);
  const ofTree = groups.length * UNITS.group + pages * UNITS.page;
  if (userIds.length * UNITS.person > ofTree) return { asked: userIds, members: [] };
  const people = await readPeople(run, userIds);
  const idsOf = (some: readonly ReadUser[]) => some.map(({ userId }) => userId);
  const members = idsOf(people.filter((person) => person.found === 'yes' && person.inGroup === true));
  run.doubt(idsOf(people.filter(({ found }) => found === 'no')), failures);
  return { asked: [...members, ...idsOf(people.filter(({ found }) => found === 'failed'))], members };
}

/** Null where it cannot be read, which the sweep of the group tells: the changes of people must go on. */
async function readTree(run: SweepRun, groupId: string, failures: number): Promise<ReadTree | null> {
  try {
    return await readGroupTree(run, groupId);
  } catch (error) {
    if (!isFailure(error) || (error.retryable && failures < TRIES)) throw error;
    run.logger.error({ err: error }, 'the group cannot be read: who was restored into it waits for the next full read');
    return null;
  }
}
