import { Failure, isFailure, plural, toPersonKey, type Drift, type MfaRegistration } from '@muster/contracts';
import { createIdMarks, type IdMarks } from './domain/id-marks.js';
import { NO_DRIFT } from './domain/loss-meter.js';
import { toMfaEvent } from './domain/observations.js';
import { explainRefusals } from './explain-refusal.js';
import { judgeRead, MARK } from './domain/snapshot.js';
import { isRowTold } from './domain/told-already.js';
import { readGroupTree } from './read-group-tree.js';
import type { Removals } from './remove-absent.js';
import { graphNow } from './run.js';
import type { SnapshotRun } from './snapshot-run.js';

const PAGE_SIZE = 999;
/** Events in one publish. */
const CHUNK = 1_000;

/**
 * The whole MFA report, rows of people in scope. A row that a complete report no longer has, or of somebody who is in
 * scope no more, is told as null, which means "no data", never "no MFA". Rejects with the Failure that the read ended by; the last good rows stay.
 */
export async function takeMfaSnapshot(run: SnapshotRun): Promise<Removals> {
  // The first page may be waited for: who came into scope meanwhile is not told as gone by a scope of before.
  const readBegan = graphNow(run);
  const { isPersonInScope, remark } = await readScope(run);
  const toTell = await openToTell(run);
  const marks = createIdMarks();
  const pages = run.pages((resumeFrom) =>
    explainRefusals(
      run,
      run.graph().mfaPages({ pageSize: PAGE_SIZE, ...(resumeFrom === undefined ? {} : { resumeFrom }) }),
    ),
  );
  for await (const { rows, observedAt } of pages) {
    const inScope = rows.filter(({ userId }) => isPersonInScope(userId));
    for (const { userId } of inScope) marks.set(userId, MARK.present);
    const told = await toTell.narrow(inScope);
    run.metrics.told('mfa', told.length);
    await run.publish(told.map((row) => toMfaEvent(run.origin(), observedAt, { userId: row.userId, row })));
  }
  const answered = await run.end(readBegan);
  const verdict = judgeRead({ ...run.figures(answered), countBefore: null, countAfter: null });
  if (!verdict.ok) throw new Failure(verdict.code, verdict.message, { retryable: true });
  const removals = await tellVanished(run, marks, readBegan);
  const drift = toTell.drift();
  if (drift) await run.save({ drift: { ...drift, removed: removals.removed } });
  return { ...removals, remark: removals.remark ?? remark };
}

type Rows = readonly MfaRegistration[];

type ToTell = {
  /** Leaves out the rows that the documents have so already; of a first report none, and nobody is looked up. */
  narrow: (rows: Rows) => Promise<Rows>;
  /** Of the rows that were compared; null where some were not. */
  drift: () => Drift | null;
};

async function openToTell(run: SnapshotRun): Promise<ToTell> {
  const { integrationId, tenantId } = run.settings;
  const earlier = await run.tries(() => run.store.snapshots.last(integrationId, 'mfa', ['complete']));
  if (!earlier) return { narrow: (rows) => Promise.resolve(rows), drift: () => null };
  const drift = { ...NO_DRIFT };
  let isCompared = !run.record().resumed;
  const narrow = async (rows: Rows): Promise<Rows> => {
    if (rows.length === 0) return rows;
    // Ahead of the documents: what was told before is in them then.
    if (!(await run.caughtUp())) {
      isCompared = false;
      return rows;
    }
    const known = await run.tries(() => run.store.mfa.load(rows.map(({ userId }) => toPersonKey(tenantId, userId))));
    return rows.filter((row) => {
      const document = known.get(toPersonKey(tenantId, row.userId))?.document;
      if (isRowTold(document, row)) return false;
      drift[document && !document.stale ? 'changed' : 'added'] += 1;
      return true;
    });
  };
  return { narrow, drift: () => (isCompared ? drift : null) };
}

type Scope = { isPersonInScope: (userId: string) => boolean; remark: Removals['remark'] };
const EVERYONE: Scope = { isPersonInScope: () => true, remark: null };
const ALL_FOR_WANT_OF_RIGHT: Scope = {
  ...EVERYONE,
  remark: {
    code: 'mfa.everyone',
    message: 'The app may not read the chosen group (GroupMember.Read.All), so the MFA report covers the whole tenant.',
  },
};

/** Everyone, or the people whose document says that they are in scope, or, where only MFA is on, the chosen group's people. */
async function readScope(run: SnapshotRun): Promise<Scope> {
  const { groupId, includeGuests, features, tenantId } = run.settings;
  if (groupId === null && (includeGuests || !features.userSync)) return EVERYONE;
  if (groupId !== null && !features.userSync) {
    const tree = await readGroupTree(run, groupId).catch((error: unknown) => {
      if (isFailure(error) && error.code === 'graph.forbidden') return null;
      throw error;
    });
    return tree ? { isPersonInScope: (userId) => tree.holders.has(userId), remark: null } : ALL_FOR_WANT_OF_RIGHT;
  }
  const known = await run.tries(async () => {
    const marks = createIdMarks();
    for await (const person of run.store.users.ids(tenantId))
      if (person.inGroup) marks.set(person.userId, MARK.inScope);
    return marks;
  });
  return { isPersonInScope: (userId) => known.get(userId) !== 0, remark: null };
}

async function tellVanished(run: SnapshotRun, marks: IdMarks, readBegan: string): Promise<Removals> {
  const record = run.record();
  if (record.resumed) return { removed: 0, remark: null };
  const vanished = await run.tries(async () => {
    const ids: string[] = [];
    for await (const { userId, observedAt, stale } of run.store.mfa.ids(record.tenantId))
      if (!stale && observedAt < readBegan && marks.get(userId) === 0) ids.push(userId);
    return ids;
  });
  if (record.rows === 0 && vanished.length > 0) {
    run.metrics.held(record.kind, vanished.length);
    const message = `The report was empty; the last good data of ${plural(vanished.length, 'person', 'people')} is kept as it is.`;
    return { removed: 0, remark: { code: 'removals.held', message } };
  }
  for (let from = 0; from < vanished.length; from += CHUNK)
    await run.publish(
      vanished.slice(from, from + CHUNK).map((userId) => toMfaEvent(run.origin(), readBegan, { userId, row: null })),
    );
  run.metrics.removed(record.kind, vanished.length);
  return { removed: vanished.length, remark: null };
}
