import type { CursorKind, CursorRecord, IntegrationSettings } from '@muster/contracts';

/** Milliseconds. */
export type SweepPeriods = { usersDeltaEvery: number; groupDeltaEvery: number; sweepMinInterval: number };
export type SweepRequest = { reason: string; requestedAt: string };
export type SweepSituation = {
  settings: IntegrationSettings;
  cursors: readonly CursorRecord[];
  request: SweepRequest | null;
  now: Date;
  periods: SweepPeriods;
};
/** `full`: there is no token to go on from any more, so a full read is what repairs. */
export type SweepDue = { kinds: CursorKind[]; full: boolean };

const DAY = 86_400_000;
/** Graph's tokens live for 7 days; one that old is not tried. */
const LONGEST_TOKEN_MS = 6 * DAY;
/** After failures; never longer than the period, for what heals is to be seen as soon as what goes well. */
const FIRST_BACKOFF_MS = 15_000;

export const cursorOf = (cursors: readonly CursorRecord[], kind: CursorKind): CursorRecord | null =>
  cursors.find((cursor) => cursor.kind === kind) ?? null;

/** Of the same tenant and group, not reset, and not too old. */
export function isUsable(cursor: CursorRecord | null, settings: IntegrationSettings, now: Date): boolean {
  if (!cursor || cursor.links.length === 0 || cursor.tenantId !== settings.tenantId) return false;
  if (cursor.kind === 'group' && (settings.groupId === null || cursor.groupId !== settings.groupId)) return false;
  return now.getTime() - Date.parse(cursor.takenAt) < LONGEST_TOKEN_MS;
}

/** A cursor that was there and is of no use any more: one full round gives a new one. */
export const needsFullRound = (cursors: readonly CursorRecord[], settings: IntegrationSettings, now: Date): boolean =>
  !isUsable(cursorOf(cursors, 'users'), settings, now) ||
  (settings.groupId !== null && isLost(cursorOf(cursors, 'group'), settings, now));

/** Where the right to follow groups was taken away a full read gives no token either; those on schedule ask again. */
const isLost = (group: CursorRecord | null, settings: IntegrationSettings, now: Date): boolean =>
  group !== null && group.failure?.code !== 'graph.forbidden' && !isUsable(group, settings, now);

export function whatToSweep(situation: SweepSituation): SweepDue {
  const { settings, cursors, request, now } = situation;
  if (settings.state !== 'active' || !settings.features.userSync) return { kinds: [], full: false };
  const usable = (['users', 'group'] as const).flatMap((kind) => {
    const cursor = cursorOf(cursors, kind);
    return cursor && isUsable(cursor, settings, now) ? [cursor] : [];
  });
  // Without any cursor the first load is due or under way, and gives one; the request waits for it.
  const full = request !== null && cursorOf(cursors, 'users') !== null && !usable.some(({ kind }) => kind === 'users');
  const due = usable.filter((cursor) => isDue(cursor, situation) && now.getTime() >= backoffUntil(cursor, situation));
  return { kinds: due.map(({ kind }) => kind), full };
}

const periodOf = (kind: CursorKind, periods: SweepPeriods): number =>
  kind === 'users' ? periods.usersDeltaEvery : periods.groupDeltaEvery;

function isDue({ kind, sweptAt }: CursorRecord, { request, now, periods }: SweepSituation): boolean {
  const since = now.getTime() - Date.parse(sweptAt);
  // A sweep of a time to come: the clock was set back, and nothing waits for that time to come again.
  if (since < 0 || since >= periodOf(kind, periods)) return true;
  return request !== null && request.requestedAt > sweptAt && since >= periods.sweepMinInterval;
}

function backoffUntil({ kind, failure }: CursorRecord, { now, periods }: SweepSituation): number {
  if (failure === null || Date.parse(failure.at) > now.getTime()) return 0;
  const most = Math.max(FIRST_BACKOFF_MS, periodOf(kind, periods));
  return Date.parse(failure.at) + Math.min(most, FIRST_BACKOFF_MS * 2 ** Math.min(20, failure.count - 1));
}

/** Every cursor that is of use was followed since. */
export const isAnswered = ({ settings, cursors, request, now }: Omit<SweepSituation, 'periods'>): boolean =>
  request !== null &&
  cursors.some((cursor) => isUsable(cursor, settings, now)) &&
  cursors.every((cursor) => !isUsable(cursor, settings, now) || cursor.sweptAt >= request.requestedAt);
