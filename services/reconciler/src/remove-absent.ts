import { plural } from '@muster/contracts';
import type { IdMarks } from './domain/id-marks.js';
import { toGroupEvent } from './domain/observations.js';
import { settlePlans, type Removal } from './domain/plan-removals.js';
import { MARK, mayHaveLeft, wasInScope } from './domain/snapshot.js';
import { editPlans } from './edit-plans.js';
import { removeLeftovers, type Leftovers } from './remove-leftovers.js';
import { removePeople } from './remove-people.js';
import { plansOf } from './run.js';
import type { SnapshotRun } from './snapshot-run.js';

export type Removals = {
  removed: number;
  removedIds?: readonly string[];
  /** What a person has to know about a read that is complete: removals held back or not confirmed. */
  remark: { code: string; message: string } | null;
};
export type Seen = {
  marks: IdMarks;
  readBegan: string;
  /** Groups of the tree as read now. */
  groupIds: ReadonlySet<string>;
};

/**
 * People whose documents the complete read did not see in scope: each is confirmed by a read by id, then told. Too many
 * at once wait for an admin. A read that was resumed repairs; it removes nobody but whom no other read removes: who is
 * left over from another integration.
 */
export async function removeAbsent(run: SnapshotRun, seen: Seen): Promise<Removals> {
  const leftovers = await removeLeftovers(run, seen.marks);
  if (run.record().resumed) return { removed: leftovers.removed, remark: toRemark({ leftovers }) };
  await settle(run, ({ userId }) => seen.marks.get(userId) === MARK.inScope, 'stayed');
  const found = await findSuspects(run, seen, leftovers);
  await settle(run, ({ userId }) => found.out.has(userId), 'superseded');
  const { removed: removedIds, unconfirmed, plan } = await removePeople(run, found);
  const removed = removedIds.length + leftovers.removed;
  if (plan) {
    const message = `${plan.reason} Nobody was removed; plan ${plan.planId} waits for an admin.`;
    return { removed, remark: { code: 'removals.held', message } };
  }
  await dropGroups(run, seen);
  return { removed, removedIds, remark: toRemark({ leftovers, unconfirmed }) };
}

function toRemark({ leftovers, unconfirmed = [] }: { leftovers: Leftovers; unconfirmed?: readonly string[] }) {
  const code = 'removals.unconfirmed';
  if (unconfirmed.length > 0) {
    const who = plural(unconfirmed.length, 'person', 'people');
    return { code, message: `${who} not seen could not be read by id; the next full read looks again.` };
  }
  if (leftovers.left === 0) return null;
  const who = plural(leftovers.left, 'person', 'people');
  return { code, message: `${who} of a removed integration could not be confirmed by id; the next sweep looks again.` };
}

/** Who was seen in scope again needs no decision, nor does who is out already, as who was deleted meanwhile. */
const settle = (
  run: SnapshotRun,
  isSettled: (candidate: { userId: string }) => boolean,
  outcome: 'stayed' | 'superseded',
): Promise<void> => editPlans(run, (plans) => settlePlans(plans, isSettled, { at: run.now().toISOString(), outcome }));

async function findSuspects(run: SnapshotRun, { marks, readBegan }: Seen, { people: leftovers }: Leftovers) {
  const { tenantId, groupId } = run.settings;
  const planned = new Set((await plansOf(run)).flatMap(({ candidates }) => candidates.map(({ userId }) => userId)));
  return run.tries(async () => {
    const removals: Removal[] = [];
    const out = new Set(planned);
    let inScope = 0;
    for await (const person of run.store.users.ids(tenantId)) {
      // Told already, though the document may not say so yet.
      if (leftovers.has(person.userId)) continue;
      const isIn = wasInScope(run.settings, person);
      inScope += isIn ? 1 : 0;
      if (isIn && person.status !== 'deleted') out.delete(person.userId);
      const mark = marks.get(person.userId);
      if (!mayHaveLeft(person, mark, { groupId, readBegan })) continue;
      removals.push({ userId: person.userId, why: mark === 0 ? 'absent' : 'left-group', inScope: isIn });
    }
    return { removals, inScope, out };
  });
}

/** Groups that left the tree. */
async function dropGroups(run: SnapshotRun, { groupIds, readBegan }: Seen): Promise<void> {
  const known = await run.tries(() => run.store.groups.ofTenant(run.settings.tenantId));
  const left = known.filter((group) => !groupIds.has(group.groupId) && group.observedAt < readBegan);
  await run.publish(
    left.map(({ groupId, displayName }) =>
      toGroupEvent(run.origin(), readBegan, { groupId, displayName, groupPath: null }),
    ),
  );
}
