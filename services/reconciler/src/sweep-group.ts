import {
  Failure,
  plural,
  toPersonKey,
  type CursorRecord,
  type DeltaToken,
  type TreeGroup,
  type UserDocument,
  type UserFacts,
} from '@muster/contracts';
import type { DeltaGroup } from '@muster/graph-client';
import type { Stored } from '@muster/store';
import { countInScope } from './count-in-scope.js';
import {
  isSameWay,
  mergeGroupRows,
  rememberDeleted,
  type GroupChanges,
  type PersonChange,
} from './domain/group-changes.js';
import { groupPathOf } from './domain/group-tree.js';
import { toGroupEvent } from './domain/observations.js';
import { settlePlans, type Removal } from './domain/plan-removals.js';
import { editPlans } from './edit-plans.js';
import { holdEveryone } from './hold-everyone.js';
import { removePeople } from './remove-people.js';
import { loadPeople, type SweepRun, type Swept } from './sweep-run.js';
import { takeGroupTokens, toTreeGroups } from './take-tokens.js';
import { tellMembers, type Entry } from './tell-members.js';

const CHUNK = 500;

type Round = { changes: GroupChanges; links: DeltaToken[]; observedAt: string };

/** Who came into the chosen group's tree and who left it since the cursor. */
export async function sweepGroup(run: SweepRun, cursor: CursorRecord, chosen: string): Promise<Swept> {
  const { changes, links, observedAt } = await readRound(run, cursor, chosen);
  const deletedGroups = rememberDeleted(cursor.deletedGroups, { chosen, deleted: changes.deleted, at: observedAt });
  const swept: Swept = { links, tree: cursor.tree, deletedGroups, takenAt: observedAt };
  if (changes.vanished) {
    await holdEveryone(run);
    return swept;
  }
  const { people } = changes;
  if (changes.treeChanged) return sweepTree(run, { cursor: { ...cursor, deletedGroups }, chosen, people });
  const isPlain = await takePeople(run, { cursor, people, observedAt });
  if (!isPlain) return sweepTree(run, { cursor, chosen, people });
  const tree = withNames(cursor.tree, changes.renamed);
  await run.publish(changes.renamed.map((group) => toGroupEvent(run.origin(), observedAt, group)));
  return { ...swept, tree };
}

const withNames = (tree: readonly TreeGroup[], renamed: readonly TreeGroup[]): TreeGroup[] =>
  tree.map((group) => renamed.find(({ groupId }) => groupId === group.groupId) ?? group);

async function readRound(run: SweepRun, cursor: CursorRecord, chosen: string): Promise<Round> {
  const rows: DeltaGroup[] = [];
  const links: DeltaToken[] = [];
  let observedAt: string | undefined;
  for (const { deltaLink: from, groupIds } of cursor.links)
    for await (const page of run.graph().groupDeltaPages({ groupIds, from })) {
      run.addMalformed(page.malformed);
      rows.push(...page.rows);
      observedAt ??= page.observedAt;
      if (page.deltaLink !== null) links.push({ deltaLink: page.deltaLink, groupIds });
    }
  run.deps.sweepMetrics.rows('group', rows.length);
  const deleted = cursor.deletedGroups?.map(({ groupId }) => groupId);
  const changes = mergeGroupRows(rows, { chosen, tree: cursor.tree, ...(deleted && { deleted }) });
  return { changes, links, observedAt: observedAt ?? cursor.takenAt };
}

type People = { cursor: CursorRecord; people: readonly PersonChange[]; observedAt: string };

/** Answers false when who is in by which way cannot be told without reading the tree. */
async function takePeople(run: SweepRun, { cursor, people, observedAt }: People): Promise<boolean> {
  if (people.length === 0) return true;
  const added = new Set(people.filter(({ removed }) => !removed).map(({ userId }) => userId));
  // Moved from one group of the tree to another, or in by several ways.
  if (new Set(people.map(({ userId }) => userId)).size < people.length) return false;
  const { tenantId } = run.settings;
  const paths = new Map(cursor.tree.map(({ groupId, groupPath }) => [groupId, groupPath]));
  const entries: Entry[] = [];
  const removals: Removal[] = [];
  for (let from = 0; from < people.length; from += CHUNK) {
    const some = people.slice(from, from + CHUNK);
    const documents = await loadPeople(
      run,
      some.map(({ userId }) => userId),
    );
    for (const { userId, groupId, removed } of some) {
      const stored = documents.get(toPersonKey(tenantId, userId));
      const document = stored?.document;
      const way = paths.get(groupId);
      const known = document?.inGroup ? document.groupPath : null;
      // Empty: whoever heard of the change first could not tell the way.
      const isWayKnown = known !== null && known.length > 0;
      // In by another way: only the tree knows the right one.
      if (isWayKnown && !isSameWay(known, way ?? [])) return false;
      if (removed && known) removals.push({ userId, why: 'left-group', inScope: true });
      else if (removed && mayComeIn(stored, cursor)) removals.push({ userId, why: 'left-group', inScope: false });
      if (!removed && !isWayKnown && way) entries.push({ userId, groupPath: way, isKnown: known !== null });
    }
  }
  await tellMembers(run, entries, { observedAt, failures: cursor.failure?.count ?? 0 });
  await settle(run, added, observedAt);
  if (removals.length === 0) return true;
  const { stayed } = await removePeople(run, { removals, inScope: await countInScope(run) });
  // In by another way, or Graph's answer is older than its change.
  return stayed.length === 0;
}

/**
 * Who left, and is not in by the document: what told of the entry may be on its way into it, so that the person must be told
 * as out behind that, but who was seen out since.
 */
const mayComeIn = (stored: Stored<UserDocument, UserFacts> | undefined, cursor: CursorRecord): boolean =>
  !stored?.document.inGroup && stored?.document.status !== 'deleted' && !isSeenOut(stored?.facts, cursor);

/** Since the last sweep, by a read after a notification. */
const isSeenOut = (facts: UserFacts | null | undefined, { takenAt }: CursorRecord): boolean =>
  facts?.membership?.inGroup === false && facts.membership.observedAt > takenAt;

type Tree = { cursor: CursorRecord; chosen: string; people: readonly PersonChange[] };

/** The whole tree is read anew, behind new tokens, and compared with the documents. */
async function sweepTree(run: SweepRun, { cursor, chosen, people }: Tree): Promise<Swept> {
  const known = [...cursor.tree, ...(cursor.deletedGroups ?? [])].map(({ groupId }) => groupId);
  const { tokens, tree } = await takeGroupTokens(run, chosen, known);
  const groups = toTreeGroups(tree);
  const gone = cursor.tree.filter(({ groupId }) => !tree.groupPaths.has(groupId));
  await run.publish([
    ...groups.map((group) => toGroupEvent(run.origin(), tree.observedAt, group)),
    ...gone.map((group) => toGroupEvent(run.origin(), tree.observedAt, { ...group, groupPath: null })),
  ]);
  const { tenantId } = run.settings;
  const inside = [...tree.holders.keys()];
  const failures = cursor.failure?.count ?? 0;
  for (let from = 0; from < inside.length; from += CHUNK) {
    const some = inside.slice(from, from + CHUNK);
    const documents = await loadPeople(run, some);
    const entries = some.flatMap((userId): Entry[] => {
      const document = documents.get(toPersonKey(tenantId, userId))?.document;
      const groupPath = [...(groupPathOf(tree, userId) ?? [])];
      if (document?.status === 'deleted' || (document?.inGroup && isSameWay(groupPath, document.groupPath))) return [];
      return [{ userId, groupPath, isKnown: document?.inGroup === true }];
    });
    await tellMembers(run, entries, { observedAt: tree.observedAt, failures });
  }
  await settle(run, new Set(inside));
  await removeLeavers(run, new Set(inside), { cursor, people, failures });
  const deletedGroups = (cursor.deletedGroups ?? []).filter(({ groupId }) => !tree.groupPaths.has(groupId));
  return { links: tokens, tree: groups, deletedGroups, takenAt: tree.observedAt };
}

type Leaving = Pick<Tree, 'cursor' | 'people'> & { failures: number };

/** Of those who have no document that says "in", delta told once, and the next round will not. */
async function findUnseenLeavers(
  run: SweepRun,
  inside: ReadonlySet<string>,
  { cursor, people }: Pick<Tree, 'cursor' | 'people'>,
): Promise<Removal[]> {
  const left = [...new Set(people.flatMap(({ userId, removed }) => (removed && !inside.has(userId) ? [userId] : [])))];
  const { tenantId } = run.settings;
  const found: Removal[] = [];
  for (let from = 0; from < left.length; from += CHUNK) {
    const some = left.slice(from, from + CHUNK);
    const documents = await loadPeople(run, some);
    for (const userId of some)
      if (mayComeIn(documents.get(toPersonKey(tenantId, userId)), cursor))
        found.push({ userId, why: 'left-group', inScope: false });
  }
  return found;
}

async function removeLeavers(
  run: SweepRun,
  inside: ReadonlySet<string>,
  { failures, ...leaving }: Leaving,
): Promise<void> {
  const known = await run.tries(async () => {
    const found: Removal[] = [];
    for await (const { userId, inGroup } of run.store.users.ids(run.settings.tenantId))
      if (inGroup && !inside.has(userId)) found.push({ userId, why: 'left-group', inScope: true });
    return found;
  });
  const here = new Set(known.map(({ userId }) => userId));
  const unseen = await findUnseenLeavers(run, inside, leaving);
  const removals = [...known, ...unseen.filter(({ userId }) => !here.has(userId))];
  if (removals.length === 0) return;
  const { stayed } = await removePeople(run, { removals, inScope: await countInScope(run) });
  if (stayed.length === 0) return;
  const message = `No group of the tree names ${plural(stayed.length, 'person', 'people')}, in it by a read of their own.`;
  const contradictory = new Failure('sweep.unconfirmed', message, { retryable: true });
  if (failures < CONTRADICTORY_TRIES) throw contradictory;
  for (const userId of stayed) run.leave(userId, contradictory);
}

/**
 * Reads that contradict each other mostly come from replicas that lag: the sweep does not count, and is made again. What stays
 * so holds up the others no more.
 */
const CONTRADICTORY_TRIES = 3;

/** Who is in again needs no decision. `cameInAt`: when the changes that told it were read; not of a list, which may lag. */
async function settle(run: SweepRun, inside: ReadonlySet<string>, cameInAt = ''): Promise<void> {
  if (inside.size === 0) return;
  const isBack = ({ userId, why }: { userId: string; why: string }): boolean =>
    (why === 'left-group' || why === 'group-vanished') && inside.has(userId);
  const settled = { at: run.now().toISOString(), cameInAt };
  await editPlans(run, (plans) => settlePlans(plans, isBack, settled));
}
