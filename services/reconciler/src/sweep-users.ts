import { toPersonKey, type CursorRecord, type Drift, type SweepRecord, type UserDocument } from '@muster/contracts';
import type { DeltaUser } from '@muster/graph-client';
import type { Store } from '@muster/store';
import { countInScope } from './count-in-scope.js';
import {
  addVerdict,
  emptyTally,
  judgeRow,
  kindOfDrift,
  NO_DRIFT,
  toKnownRow,
  toSince,
  type KnownRow,
  type Since,
  type Tally,
} from './domain/loss-meter.js';
import { toGoneEvent, toUserEvent } from './domain/observations.js';
import { settlePlans, type Removal } from './domain/plan-removals.js';
import { isInScope, wasInScope } from './domain/snapshot.js';
import { editPlans } from './edit-plans.js';
import { removePeople } from './remove-people.js';
import { graphNow } from './run.js';
import { loadPeople, type SweepRun, type Swept } from './sweep-run.js';
import { tellReturned } from './tell-returned.js';

/** What a notification announced just now may be on its way into the document; looked at again after this. */
const SETTLE_MS = 2_000;
/** Rows looked at together. */
const BLOCK = 5_000;

type Row = { row: DeltaUser; observedAt: string };
export type Counts = Tally & Pick<SweepRecord, 'rows'> & { drift: Drift };
/** `before`: the record of the interval before this one, while it is not judged. `counted`: whom this one counts. */
export type UsersSwept = Swept & {
  counts: Counts;
  readUntil: string;
  before: SweepRecord | null;
  counted: ReadonlySet<string>;
};

/** Every change of people since the cursor: told where the person is known or in scope; removals confirmed by id. */
export async function sweepUsers(run: SweepRun, cursor: CursorRecord): Promise<UsersSwept> {
  const counts: Counts = { ...emptyTally(), rows: 0, drift: { ...NO_DRIFT } };
  const removals: Removal[] = [];
  const back = new Set<string>();
  const returned: Returned = { restored: [], unknown: new Set() };
  const before = await recordBefore(run, cursor);
  const since = toSince(cursor, before);
  const counted = new Set<string>();
  let block = new Map<string, Row>();
  let swept: Swept = { links: cursor.links, tree: [], takenAt: cursor.takenAt };
  // What changes while the pages are read may be on none of them: the next sweep is judged from their first one on.
  let beganAt: string | undefined;
  const flush = async (): Promise<void> => {
    const to = beganAt ?? cursor.takenAt;
    await takeIn(run, [...block.values()], { since, to, counts, counted, removals, back, returned });
    block = new Map();
  };
  for (const { deltaLink: from } of cursor.links)
    for await (const page of run.graph().userDeltaPages({ from })) {
      run.addMalformed(page.malformed);
      counts.rows += page.rows.length;
      beganAt ??= page.observedAt;
      for (const row of page.rows) block.set(row.userId, { row, observedAt: page.observedAt });
      if (page.deltaLink !== null)
        swept = { ...swept, links: [{ deltaLink: page.deltaLink, groupIds: [] }], takenAt: beganAt };
      if (block.size >= BLOCK) await run.underWay(flush());
    }
  const readUntil = graphNow(run);
  await run.underWay(flush());
  await settle(run, back);
  const failures = cursor.failure?.count ?? 0;
  // Ahead of the group's tree, whose read may take minutes or fail.
  await removeGone(run, { removals, back, failures });
  await tellReturned(run, returned, { failures });
  run.deps.sweepMetrics.rows('users', counts.rows);
  return { ...swept, counts, readUntil, before, counted };
}

/** Suspects are judged behind a later sweep, so those of the interval before are there. */
const recordBefore = ({ store, settings, tries }: SweepRun, { takenAt }: CursorRecord): Promise<SweepRecord | null> =>
  tries(() => store.coverage.unjudgedUntil(settings.integrationId, takenAt));

type Known = Awaited<ReturnType<Store['users']['load']>>;
type Takings = {
  since: Since;
  to: string;
  counts: Counts;
  counted: Set<string>;
  removals: Removal[];
  back: Set<string>;
  returned: Returned;
};
/** With a group chosen: who is there again, and whom nobody knows. */
type Returned = { restored: string[]; unknown: Set<string> };

async function takeIn(run: SweepRun, rows: readonly Row[], takings: Takings): Promise<void> {
  const { since, to, counts, counted, removals, back, returned } = takings;
  if (rows.length === 0) return;
  const known = await loadSettled(run, rows, since);
  const goneUnseen = await findGoneUnseen(run, rows, known);
  const { tenantId, groupId } = run.settings;
  const events = rows.flatMap(({ row, observedAt }) => {
    const stored = known.get(toPersonKey(tenantId, row.userId));
    if (row.user === null && goneUnseen.has(row.userId)) {
      back.delete(row.userId);
      return [toGoneEvent(run.origin(), observedAt, row)];
    }
    if (!isOurs(run, row, stored !== undefined)) {
      if (row.user && groupId !== null) returned.unknown.add(row.userId);
      return [];
    }
    const person = knownRow(known, tenantId, row.userId);
    const verdict = judgeRow(row, person, since);
    if (verdict !== 'repeat' && !counted.has(row.userId)) {
      counted.add(row.userId);
      addVerdict(counts, verdict, { userId: row.userId, observedAt, known: person, to });
      const kind = verdict === 'found' ? kindOfDrift(row, person) : null;
      if (kind) counts.drift[kind] += 1;
    }
    if (row.user) {
      back.add(row.userId);
      if (groupId !== null && stored?.document.status === 'deleted') {
        returned.restored.push(row.userId);
        return [];
      }
      return [toUserEvent(run.origin(), observedAt, { user: row.user })];
    }
    back.delete(row.userId);
    if (stored && stored.document.status !== 'deleted')
      removals.push({
        userId: row.userId,
        why: 'deleted',
        inScope: wasInScope(run.settings, stored.document),
      });
    return [];
  });
  await run.publish(events);
}

/** Outsiders are nobody's business; who enters the group is told by the group's own changes. */
const isOurs = ({ settings }: SweepRun, { user }: DeltaUser, isKnown: boolean): boolean =>
  isKnown || (user !== null && isInScope(settings, { userType: user.userType, inGroup: false }));

/**
 * Who is gone, and not there by the documents, while something that was told before waits for the projector: it may say that
 * they are there, so they are told as gone behind it. Nobody of them is let in by that. Where nothing waits, their documents
 * are read once more, into `known`.
 */
async function findGoneUnseen(run: SweepRun, rows: readonly Row[], known: Known): Promise<ReadonlySet<string>> {
  const { tenantId } = run.settings;
  const gone = rows.flatMap(({ row }) => (row.user === null ? [row.userId] : []));
  const unseen = gone.filter((userId) => isAway(known.get(toPersonKey(tenantId, userId))));
  if (unseen.length === 0) return new Set();
  if (!(await run.tries(run.deps.caughtUp))) return new Set(unseen);
  const again = await loadPeople(run, unseen);
  for (const [key, stored] of again) known.set(key, stored);
  return new Set();
}

const isAway = (stored?: { document: UserDocument }): boolean => !stored || stored.document.status === 'deleted';

function knownRow(known: Known, tenantId: string, userId: string): KnownRow | null {
  const stored = known.get(toPersonKey(tenantId, userId));
  return stored ? toKnownRow(stored) : null;
}

/** What seems to be unannounced is looked at a second time, a moment later. */
async function loadSettled(run: SweepRun, rows: readonly Row[], since: Since): Promise<Known> {
  const { tenantId } = run.settings;
  const load = (some: readonly Row[]) =>
    loadPeople(
      run,
      some.map(({ row }) => row.userId),
    );
  const known = await load(rows);
  const differing = rows.filter(
    ({ row }) =>
      isOurs(run, row, known.has(toPersonKey(tenantId, row.userId))) &&
      judgeRow(row, knownRow(known, tenantId, row.userId), since) === 'found',
  );
  if (differing.length === 0) return known;
  await run.pause(SETTLE_MS);
  return new Map([...known, ...(await load(differing))]);
}

/** Who is there again needs no decision. */
async function settle(run: SweepRun, back: ReadonlySet<string>): Promise<void> {
  const at = run.now().toISOString();
  await editPlans(run, (plans) =>
    settlePlans(plans, ({ userId, why }) => why === 'deleted' && back.has(userId), { at }),
  );
}

type Gone = { removals: readonly Removal[]; back: ReadonlySet<string>; failures: number };

async function removeGone(run: SweepRun, { removals, back, failures }: Gone): Promise<void> {
  if (removals.length === 0) return;
  const { present } = await removePeople(run, { removals, inScope: await countInScope(run) });
  // No later change tells of them: the read may be older than the deletion.
  const doubted = present.filter((userId) => !back.has(userId));
  run.doubt(doubted, failures);
}
