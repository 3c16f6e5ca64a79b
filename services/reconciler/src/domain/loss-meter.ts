import {
  USER_PROPERTIES,
  type DirectoryUser,
  type Drift,
  type SweepRecord,
  type UserDocument,
} from '@muster/contracts';

/** One row of a sweep, and what is known of the person. */
export type SeenRow = { userId: string; user: DirectoryUser | null };
export type KnownRow = { document: UserDocument; readAt: string };
/**
 * `announced`: the document says it already, and was read since the last sweep. `repeat`: the document said it before.
 * `stale`: read since the last sweep, yet it differs: the notification came, Graph's answer was old.
 * `found`: it differs, and nothing was read since.
 */
export type RowVerdict = 'announced' | 'repeat' | 'stale' | 'found';

const equals = (user: DirectoryUser | null, document: UserDocument): boolean => {
  if (user === null || document.status === 'deleted') return user === null && document.status === 'deleted';
  return USER_PROPERTIES.every((name) => user[name] === document[name]);
};

/** What a row that differs means; null where it says what the document says. */
export function kindOfDrift({ user }: SeenRow, known: KnownRow | null): keyof Drift | null {
  if (!known) return user === null ? null : 'added';
  if (equals(user, known.document)) return null;
  if (user === null) return 'removed';
  return known.document.status === 'deleted' ? 'added' : 'changed';
}

export const NO_DRIFT: Drift = { added: 0, changed: 0, removed: 0 };

/** `since` = when everything was seen the last time; both by Graph's clock. */
export function judgeRow({ user }: SeenRow, known: KnownRow | null, since: string): RowVerdict {
  if (!known) return user === null ? 'repeat' : 'found';
  const wasRead = known.readAt > since;
  if (equals(user, known.document)) return wasRead ? 'announced' : 'repeat';
  return wasRead ? 'stale' : 'found';
}

/**
 * A notification may still have been on its way when the sweep came upon the change: whoever was read again after the
 * sweep's own read was announced, only late. Who is left was lost.
 */
export function judgeSuspects(sweep: SweepRecord, readAt: (userId: string) => string | null, at: string): SweepRecord {
  const lost = sweep.suspects.filter(({ userId, observedAt }) => (readAt(userId) ?? '') <= observedAt);
  const delays = lost.map(({ observedAt }) => Date.parse(observedAt) - Date.parse(sweep.from));
  return {
    ...sweep,
    announced: sweep.announced + sweep.suspects.length - lost.length,
    lost: lost.length,
    worstDelayMs: delays.reduce((worst, delay) => Math.max(worst, delay), 0),
    suspects: [],
    judgedAt: at,
  };
}
