import {
  USER_PROPERTIES,
  type CursorRecord,
  type DirectoryUser,
  type Drift,
  type SweepRecord,
  type UserDocument,
  type UserFacts,
} from '@muster/contracts';

/** One row of a sweep, and what is known of the person. */
export type SeenRow = { userId: string; user: DirectoryUser | null };
/** When the last read began that a notification asked for, and when a change was taken in that another one found first. */
export type KnownRow = { document: UserDocument; notifiedAt: string | null; foundAt: string | null };
/**
 * `announced`: the document says it already, and a notification named the person since the last sweep. `repeat`: the
 * document said it before. `stale`: named since the last sweep, yet it differs: Graph's answer was old, or a removal
 * waits for an admin. `found`: nobody named the person since; it differs, or a full read, a request or an earlier try of
 * this sweep found it first.
 */
export type RowVerdict = 'announced' | 'repeat' | 'stale' | 'found';

const equals = (user: DirectoryUser | null, document: UserDocument): boolean => {
  if (user === null || document.status === 'deleted') return user === null && document.status === 'deleted';
  return USER_PROPERTIES.every((name) => user[name] === document[name]);
};

/** What a row that differs means; null where it says what the document says. */
export function kindOfDrift({ user }: SeenRow, known: Pick<KnownRow, 'document'> | null): keyof Drift | null {
  if (!known) return user === null ? null : 'added';
  if (equals(user, known.document)) return null;
  if (user === null) return 'removed';
  return known.document.status === 'deleted' ? 'added' : 'changed';
}

export const NO_DRIFT: Drift = { added: 0, changed: 0, removed: 0 };

/** When everything was seen the last time, by Graph's clock, and whom the sweep before found. */
export type Since = { seen: string; found: ReadonlySet<string> };

/** `before`: the record of the sweep that gave the cursor, while its suspects are not judged. */
export function toSince(
  { takenAt, baselineEndedAt }: Pick<CursorRecord, 'takenAt' | 'baselineEndedAt'>,
  before: SweepRecord | null,
): Since {
  // Metered too: it leaves out whom this sweep counts, so that nobody falls between.
  if (before?.closedBy === 'full') return { seen: takenAt, found: new Set() };
  return {
    seen: baselineEndedAt !== null && baselineEndedAt > takenAt ? baselineEndedAt : takenAt,
    found: new Set(before?.suspects.map(({ userId }) => userId)),
  };
}

export function judgeRow({ userId, user }: SeenRow, known: KnownRow | null, since: Since): RowVerdict {
  if (!known) return user === null ? 'repeat' : 'found';
  const wasNamed = (known.notifiedAt ?? '') > since.seen;
  if (!equals(user, known.document)) return wasNamed ? 'stale' : 'found';
  if (wasNamed) return 'announced';
  // Delta may tell again what it told, and what the sweep before found may have been taken in behind its end.
  return (known.foundAt ?? '') > since.seen && !since.found.has(userId) ? 'found' : 'repeat';
}

/** What an interval has counted so far. */
export type Tally = Pick<SweepRecord, 'announced' | 'found' | 'suspects'> & { ahead: string[] };
/**
 * Of each list of a record: a document of MongoDB has 16 MB, a suspect takes some 100 bytes of it. In an interval with
 * more changes than that the others are counted by nobody: these stand for them.
 */
export const MOST_KEPT = 80_000;
export const emptyTally = (): Tally => ({ announced: 0, found: 0, suspects: [], ahead: [] });

/** `to`: the end of the interval; what brought the change into the picture may have come behind it. */
export function addVerdict(
  tally: Tally,
  verdict: RowVerdict,
  { userId, observedAt, known, to }: { userId: string; observedAt: string; known: KnownRow | null; to: string },
): void {
  if (verdict === 'found') {
    tally.found += 1;
    if (tally.suspects.length < MOST_KEPT) tally.suspects.push({ userId, observedAt });
  } else if (verdict !== 'repeat') {
    tally.announced += 1;
    const isAhead = (known?.notifiedAt ?? '') > to || (known?.foundAt ?? '') > to;
    if (isAhead && tally.ahead.length < MOST_KEPT) tally.ahead.push(userId);
  }
}

/**
 * One row of a full read that closes an interval. It shows everybody: somebody whose document agrees changed only if the
 * document says so.
 */
export function judgeFullRow(row: SeenRow, known: KnownRow | null, from: string): RowVerdict {
  const verdict = judgeRow(row, known, { seen: from, found: new Set() });
  return verdict === 'announced' && known && known.document.changedAt <= from ? 'repeat' : verdict;
}

/**
 * Whom the intervals before count lately: a full read, which shows everybody, shows them again, also where what those
 * found was taken in behind their end. `open`: what is not judged.
 */
export const countedBefore = (open: readonly SweepRecord[]): ReadonlySet<string> =>
  new Set(open.flatMap(({ suspects, ahead }) => [...suspects.map(({ userId }) => userId), ...(ahead ?? [])]));

/** An interval that a full read closed, without whom the first sweep behind it counted: they changed after its end. */
export function leaveOut(closed: SweepRecord, counted: ReadonlySet<string>): SweepRecord {
  const isKept = (userId: string): boolean => !counted.has(userId);
  const before = closed.ahead ?? [];
  const ahead = before.filter(isKept);
  const suspects = closed.suspects.filter(({ userId }) => isKept(userId));
  const announced = closed.announced - (before.length - ahead.length);
  return { ...closed, ahead, suspects, announced, found: closed.found - (closed.suspects.length - suspects.length) };
}

type StoredPerson = { document: UserDocument; facts: UserFacts | null };

export const toKnownRow = ({ document, facts }: StoredPerson): KnownRow => ({
  document,
  notifiedAt: facts?.notifiedAt ?? null,
  foundAt: facts?.foundAt ?? null,
});

/**
 * A notification may still have been on its way when the sweep came upon the change: whoever was named since was
 * announced, only late. Who is left was lost.
 */
export function judgeSuspects(
  sweep: SweepRecord,
  notifiedAt: (userId: string) => string | null,
  at: string,
): SweepRecord {
  const lost = sweep.suspects.filter(({ userId }) => (notifiedAt(userId) ?? '') <= sweep.from);
  const delays = lost.map(({ observedAt }) => Date.parse(observedAt) - Date.parse(sweep.from));
  return {
    ...sweep,
    announced: sweep.announced + sweep.suspects.length - lost.length,
    lost: lost.length,
    worstDelayMs: delays.reduce((worst, delay) => Math.max(worst, delay), 0),
    suspects: [],
    ahead: [],
    judgedAt: at,
  };
}
