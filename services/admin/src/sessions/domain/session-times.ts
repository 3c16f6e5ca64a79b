/** Milliseconds. `idle`: unused for so long, a session ends; `life`: whatever happens in it. */
export type SessionPeriods = { idle: number; life: number };
export type SessionTimes = { createdAt: string; seenAt: string; expiresAt: string; endsAt: string };

/** A session is written at most once in this time, however busy its pages are. */
const TOUCH_MS = 60_000;
/** So long somebody stays in whom nobody can vouch for any more. */
const UNPROVED_MS = 15 * 60_000;

const after = (at: Date, ms: number): string => new Date(at.getTime() + ms).toISOString();
const earlier = (one: string, other: string): string => (one < other ? one : other);

/** `until`: it ends then at the latest. */
export function toSessionTimes(now: Date, { idle, life }: SessionPeriods, until: string | null = null): SessionTimes {
  const at = now.toISOString();
  const endsAt = until === null ? after(now, life) : earlier(after(now, life), until);
  return { createdAt: at, seenAt: at, expiresAt: earlier(after(now, idle), endsAt), endsAt };
}

export const isOver = ({ expiresAt, endsAt }: Pick<SessionTimes, 'expiresAt' | 'endsAt'>, now: Date): boolean =>
  earlier(expiresAt, endsAt) <= now.toISOString();

/** The times after a use; null while the last write is young enough. */
export function toTouch(
  { seenAt, endsAt }: Pick<SessionTimes, 'seenAt' | 'endsAt'>,
  now: Date,
  { idle }: SessionPeriods,
): Pick<SessionTimes, 'seenAt' | 'expiresAt'> | null {
  if (now.getTime() - Date.parse(seenAt) < TOUCH_MS) return null;
  return { seenAt: now.toISOString(), expiresAt: earlier(after(now, idle), endsAt) };
}

export const mayStayUnproved = (provedAt: string, now: Date): boolean =>
  now.getTime() - Date.parse(provedAt) < UNPROVED_MS;
