import { REMOVALS_WINDOW_MS, removalLimit, type RemovalLimit, type RemovalWindow } from '@muster/contracts';

const MINUTE_MS = 60_000;

/** The window as of now: without the minutes that are over, and with a count of people that is not older than it. */
export function openWindow(
  known: RemovalWindow | null,
  { integrationId, now, inScope }: { integrationId: string; now: Date; inScope: number },
): RemovalWindow {
  const minutes = recentMinutes(known, now);
  const admitted = minutes.reduce((sum, minute) => sum + minute.admitted, 0);
  const isFresh = known !== null && !isCountOld(known, now);
  const counted = isFresh
    ? { inScope: known.inScope, countedAt: known.countedAt }
    : { inScope: inScope + admitted, countedAt: now.toISOString() };
  return { integrationId, minutes, ...counted, revision: (known?.revision ?? 0) + 1 };
}

const recentMinutes = (known: RemovalWindow | null, now: Date): RemovalWindow['minutes'] =>
  // The whole minute counts while any of it does.
  (known?.minutes ?? []).filter(({ at }) => now.getTime() - Date.parse(at) < REMOVALS_WINDOW_MS + MINUTE_MS);

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
  const at = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS).toISOString();
  const same = window.minutes.find((minute) => minute.at === at) ?? { at, attempted: 0, admitted: 0, people: [] };
  const gone = admitted ? fresh : [];
  const people = [...(same.people ?? []), ...gone];
  const next = { at, attempted: same.attempted + count, admitted: same.admitted + gone.length, people };
  const minutes = [...window.minutes.filter((minute) => minute.at !== at), next];
  return { waiting: admitted ? [] : fresh, window: { ...window, minutes } };
}
