import { isFailure } from '@muster/contracts';
import { readPeople } from './confirm.js';
import { groupPathOf } from './domain/group-tree.js';
import { readGroupTree, type ReadTree } from './read-group-tree.js';
import type { SweepRun } from './sweep-run.js';
import { tellMembers, tellRestored, type Entry } from './tell-members.js';

/** `restored`: their documents say deleted. `unknown`: nobody has one; most are outsiders. */
export type Returned = { restored: readonly string[]; unknown: ReadonlySet<string> };

/** What it costs at Graph, in resource units, to ask for one person with the membership, and for one group of the tree. */
const UNITS = { person: 4, group: 3 };
/** Sweeps that failed in a row, after which a group that cannot be read holds up the people no more. */
const TRIES = 3;

/**
 * People of whom the changes tell, with a group chosen. Who is in the bin is a member whom no list shows, and no change of a
 * group tells of the restoration: so whoever nobody knows is looked for in the tree as it is now. `failures`: of this cursor
 * in a row.
 */
export async function tellReturned(run: SweepRun, { restored, unknown }: Returned, failures: number): Promise<void> {
  const { groupId } = run.settings;
  const back = await tellRestored(run, restored);
  const asked = await narrow(run, [...unknown]);
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
  await tellMembers(run, entries, { observedAt: tree.observedAt });
}

/** Few people beside a large tree are asked for one by one, and the tree is read only if one of them is in it. */
async function narrow(run: SweepRun, userIds: readonly string[]): Promise<readonly string[]> {
  if (userIds.length === 0) return [];
  const groups = await run.tries(() => run.store.groups.ofTenant(run.settings.tenantId));
  if (userIds.length * UNITS.person > groups.length * UNITS.group) return userIds;
  const people = await readPeople(run, userIds);
  return people.flatMap((person) =>
    person.found === 'failed' || (person.found === 'yes' && person.inGroup === true) ? [person.userId] : [],
  );
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
