import { Failure, isFailure, type CursorKind, type DirectoryUser } from '@muster/contracts';
import { openDriftCounter, type DriftCounter } from './count-drift.js';
import { groupPathOf } from './domain/group-tree.js';
import { createIdMarks, type IdMarks } from './domain/id-marks.js';
import type { Tally } from './domain/loss-meter.js';
import { toGroupEvent, toUserEvent, type Membership, type ObservationEvent } from './domain/observations.js';
import { isInScope, judgeRead, MARK } from './domain/snapshot.js';
import { hasOtherScope } from './domain/when-to-run.js';
import { cursorOf, isUsable } from './domain/when-to-sweep.js';
import { holdEveryone } from './hold-everyone.js';
import { openIntervalMeter, type IntervalMeter } from './meter-interval.js';
import { readGroupTree, type ReadTree } from './read-group-tree.js';
import { removeAbsent, type Removals } from './remove-absent.js';
import type { SnapshotRun } from './snapshot-run.js';
import { tellBack } from './tell-back.js';
import { takeGroupTokens, takeUsersToken, toTreeGroups } from './take-tokens.js';

/** The most that Graph gives in a page of `/users`. */
const PAGE_SIZE = 999;

/**
 * The chosen group's tree, then every person of the tenant: who is in scope is published, outsiders never are.
 * Completes with the removals that the read proves. Rejects with the Failure that the read ended by.
 */
export async function takeUsersSnapshot(run: SnapshotRun): Promise<Removals & { metered: Tally | null }> {
  const tree = await readTree(run).catch(async (error: unknown) => {
    if (isFailure(error) && error.code === 'group.vanished') await holdEveryone(run);
    throw error;
  });
  if (tree) await run.publish(toGroupEvents(run, tree));

  const graph = run.graph();
  const countBefore = run.record().expectedRows ?? (await run.tries(() => graph.countUsers()));
  await run.save({ expectedRows: countBefore });
  const counter = await openDriftCounter(run);
  const meter = await openIntervalMeter(run);
  const { marks, readBegan } = await readPeople(run, tree, { counter, meter });
  const countAfter = await run.tries(() => graph.countUsers());

  const answered = await run.end(readBegan);
  const figures = run.figures(answered);
  // Pages that move while they are read tell somebody twice: that is no other person. A resumed read knows its own part only.
  const rows = run.record().resumed ? figures.rows : marks.size();
  const verdict = judgeRead({ ...figures, rows, countBefore, countAfter });
  if (!verdict.ok) throw new Failure(verdict.code, verdict.message, { retryable: true });
  const removals = await removeAbsent(run, { marks, readBegan, groupIds: new Set(tree?.groupPaths.keys()) });
  await tellBack(run, { marks, readBegan });
  const drift = counter.drift();
  if (drift) await run.save({ drift: { ...drift, removed: removals.removed } });
  const isSeen = (userId: string): boolean => marks.get(userId) !== 0;
  await meter.lookAtGone({ removed: removals.removedIds ?? [], isSeen, observedAt: readBegan });
  return { ...removals, metered: meter.metered() };
}

/** Tokens first, where no cursor is of use, then what they are the end of. A resumed read has its tokens already. */
async function readTree(run: SnapshotRun): Promise<ReadTree | null> {
  const { groupId, integrationId } = run.settings;
  const cursors = await run.tries(() => run.store.cursors.ofIntegration(integrationId));
  const isHeld = (kind: CursorKind): boolean => isUsable(cursorOf(cursors, kind), run.settings, run.now());
  if (run.record().resumed) return groupId === null ? null : readGroupTree(run, groupId);
  const users = isHeld('users') && !(await isRescoped(run)) ? null : await takeUsersToken(run);
  const known = groupId === null ? [] : await run.tries(() => run.store.groups.ofTenant(run.settings.tenantId));
  const follow = groupId !== null && !isHeld('group');
  const group = follow
    ? await takeGroupTokens(
        run,
        groupId,
        known.map((one) => one.groupId),
      )
    : null;
  const tree = group?.tree ?? (groupId === null ? null : await readGroupTree(run, groupId));
  const takenAt = users?.takenAt ?? tree?.observedAt;
  if (takenAt !== undefined && (users || group))
    await run.save({
      tokens: {
        takenAt: tree && tree.observedAt < takenAt ? tree.observedAt : takenAt,
        users: users ? [users.token] : [],
        group: group?.tokens ?? [],
        tree: group ? toTreeGroups(group.tree) : [],
      },
    });
  return tree;
}

/**
 * Who enters by another scope has no document until this read is projected: sweeps that run meanwhile pass over what changes
 * of them. So the cursor goes back to a token from before the read.
 */
async function isRescoped({ settings, store, tries }: SnapshotRun): Promise<boolean> {
  const last = await tries(() => store.snapshots.last(settings.integrationId, 'users', ['complete']));
  return last !== null && hasOtherScope(last, settings);
}

const toGroupEvents = (run: SnapshotRun, tree: ReadTree): ObservationEvent[] =>
  [...tree.groupPaths].map(([groupId, groupPath]) =>
    toGroupEvent(run.origin(), tree.observedAt, {
      groupId,
      displayName: tree.names.get(groupId) ?? null,
      groupPath: [...groupPath],
    }),
  );

async function readPeople(
  run: SnapshotRun,
  tree: ReadTree | null,
  { counter, meter }: { counter: DriftCounter; meter: IntervalMeter },
): Promise<{ marks: IdMarks; readBegan: string }> {
  const marks = createIdMarks();
  let readBegan = tree?.observedAt;
  const pages = run.pages((resumeFrom) =>
    run.graph().userPages({ pageSize: PAGE_SIZE, ...(resumeFrom === undefined ? {} : { resumeFrom }) }),
  );
  for await (const { rows, observedAt: pageBegan } of pages) {
    readBegan ??= pageBegan;
    // Who is in the group was read before the page: the pair is as old as its older half, or it would hide a leaving
    // that was told in between.
    const observedAt = tree && tree.observedAt < pageBegan ? tree.observedAt : pageBegan;
    const people = rows.flatMap((user) => {
      const membership = toMembership(run, tree, user);
      marks.set(user.userId, membership ? MARK.inScope : MARK.present);
      return membership ? [{ user, membership }] : [];
    });
    const told = await counter.look({ people, observedAt: pageBegan });
    await meter.look(
      people.map(({ user }) => ({ userId: user.userId, user })),
      pageBegan,
    );
    const toTell = people.filter(({ user }) => !told.has(user.userId));
    run.metrics.told('users', toTell.length);
    await run.publish(toTell.map((person) => toUserEvent(run.origin(), observedAt, person)));
  }
  return { marks, readBegan: readBegan ?? run.record().startedAt };
}

/** Null for who is out of scope. */
function toMembership(run: SnapshotRun, tree: ReadTree | null, user: DirectoryUser): Membership | null {
  const path = tree ? groupPathOf(tree, user.userId) : null;
  const inGroup = path !== null;
  if (!isInScope(run.settings, { userType: user.userType, inGroup })) return null;
  return { inGroup: true, groupPath: [...(path ?? [])] };
}
