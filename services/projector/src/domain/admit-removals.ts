import { REMOVALS_WINDOW_MS, removalLimit, type RemovalLimit, type RemovalWindow } from '@muster/contracts';

const MINUTE_MS = 60_000;
type Minute = RemovalWindow['minutes'][number];

/** The window as of now: without the minutes that are over, and with a count of people that is not older than it. */
export function openWindow(
  known: RemovalWindow | null,
  { integrationId, now, inScope }: { integrationId: string; now: Date; inScope: number },
): RemovalWindow {
  const minutes = recentMinutes(known, now);
  const admitted = minutes.reduce((sum, minute) => sum + minute.admitted, 0);
  const isFresh = known !== null && !isCountOld(known, now);
  const counted = isFresh
    ? { inScope: known.inScope, countedAt: notAhead(known.countedAt, now) }
    : { inScope: inScope + admitted, countedAt: now.toISOString() };
  return { integrationId, minutes, ...counted, revision: (known?.revision ?? 0) + 1 };
}

function recentMinutes(known: RemovalWindow | null, now: Date): Minute[] {
  const byMinute = new Map<string, Minute>();
  for (const minute of known?.minutes ?? []) {
    const at = isAhead(minute.at, now) ? minuteOf(now) : minute.at;
    // The whole minute counts while any of it does.
    if (now.getTime() - Date.parse(at) >= REMOVALS_WINDOW_MS + MINUTE_MS) continue;
    const same = byMinute.get(at);
    byMinute.set(at, same ? add(same, minute) : { ...minute, at });
  }
  return [...byMinute.values()];
}

const minuteOf = (now: Date): string => new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS).toISOString();

const add = (one: Minute, other: Minute): Minute => ({
  at: one.at,
  attempted: one.attempted + other.attempted,
  admitted: one.admitted + other.admitted,
  people: [...(one.people ?? []), ...(other.people ?? [])],
});

/** By more than the clocks of two copies differ: the clock was set back since. */
const isAhead = (at: string, now: Date): boolean => Date.parse(at) - now.getTime() > MINUTE_MS;

/** What was counted at a time to come counts as of now: else it held people until then; left out, it let too many go. */
const notAhead = (at: string, now: Date): string => (isAhead(at, now) ? now.toISOString() : at);

/** The people in scope have to be counted anew: nobody went lately, or the count is older than the window. */
export const isCountOld = (known: RemovalWindow | null, now: Date): boolean =>
  recentMinutes(known, now).length === 0 || now.getTime() - Date.parse(known?.countedAt ?? '') >= REMOVALS_WINDOW_MS;

/** `waiting`: who must not go now. */
export type Admission = { waiting: string[]; window: RemovalWindow };

/**
 * These people want to go: all of them may, or all wait. Who had to wait counts, too, so that once it was too much
 * nobody else slips through while the window lasts. Who was let go already goes on the same count: a write that was
 * refused, or fell to a fault of the database, is tried again.
 */
export function admitRemovals(
  window: RemovalWindow,
  userIds: readonly string[],
  limit: RemovalLimit,
  now: Date,
): Admission {
  const counted = new Set(window.minutes.flatMap(({ people }) => people ?? []));
  const fresh = userIds.filter((userId) => !counted.has(userId));
  const count = fresh.length;
  const attempted = window.minutes.reduce((sum, minute) => sum + minute.attempted, count);
  const admitted = attempted < window.inScope && attempted <= removalLimit(window.inScope, limit);
  const at = minuteOf(now);
  const same = window.minutes.find((minute) => minute.at === at) ?? { at, attempted: 0, admitted: 0, people: [] };
  const gone = admitted ? fresh : [];
  const people = [...(same.people ?? []), ...gone];
  const next = { at, attempted: same.attempted + count, admitted: same.admitted + gone.length, people };
  const minutes = [...window.minutes.filter((minute) => minute.at !== at), next];
  return { waiting: admitted ? [] : fresh, window: { ...window, minutes } };
}
