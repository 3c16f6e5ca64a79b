import type { IntegrationSettings, SnapshotKind, SnapshotRecord } from '@muster/contracts';

/** All in milliseconds. */
export type Periods = {
  usersEvery: number;
  usersSecondRead: number;
  mfaEvery: number;
  sweepMinInterval: number;
};

/** Somebody asked. `urgent` = a person did, so a failure before does not make it wait. */
export type Request = { kind: SnapshotKind; urgent: boolean; reason: string; requestedAt: string };

/** `resume`: the run that a crash left behind, to go on with. */
export type Due = { kind: SnapshotKind; reason: string; resume: SnapshotRecord | null };

export type Situation = {
  settings: IntegrationSettings;
  /** Snapshots of this integration; at least the last of each kind and state, in any order. */
  history: readonly SnapshotRecord[];
  requests: readonly Request[];
  now: Date;
  periods: Periods;
  /** A delta token was lost, or there never was one: a full read gives a new one. */
  needsFullRound: boolean;
  /** So many tokens one after the other Graph did not take, of people or of the group. */
  resets?: number;
};

const MINUTE = 60_000;
/** Back-off after failures: 1 min, 2, 4, … at most an hour (five minutes without a token), and no longer than the period. */
const BACKOFF_CAP = 60 * MINUTE;
/** A person watches the first load, and what fails it once is mostly over soon: 5 s, 10, 20, … to the same cap. */
const FIRST_LOAD_BACKOFF = 5_000;
/** Links older than this are not gone on with: what they page over has moved too far. */
const RESUME_WITHIN = 6 * 60 * MINUTE;
/** Without a token only notifications tell of changes, so the read that gives one waits no longer, whatever was before. */
const NO_TOKEN_CAP = 5 * MINUTE;
/** Tokens that Graph refuses one after the other make no loop of full reads on schedule. */
const FULL_ROUND_EVERY = 60 * MINUTE;
export const FULL_ROUND = 'full round: there is no delta token to go on from';
const SCOPE_CHANGED = 'the scope was changed since the last full read';
/** So long the request behind an edit may take. */
const ASKED_WITHIN_MS = 30_000;
/** Nobody's fault but ours: the process died. */
export const INTERRUPTED = 'snapshot.interrupted';

const toMs = (instant: string): number => Date.parse(instant);
const newestFirst = (one: SnapshotRecord, other: SnapshotRecord): number => toMs(other.startedAt) - toMs(one.startedAt);

/** What has to run now for one integration, users before MFA. */
export function whatIsDue(situation: Situation): Due[] {
  if (situation.settings.state !== 'active') return [];
  return (['users', 'mfa'] as const).flatMap((kind) => whatIsDueOfKind(kind, situation) ?? []);
}

function whatIsDueOfKind(kind: SnapshotKind, situation: Situation): Due | null {
  const { settings, history, now } = situation;
  if (!isWanted(kind, settings)) return null;
  if (kind === 'mfa' && !usersWereLoaded(settings, history)) return null;
  const ofKind = history.filter((record) => record.kind === kind).sort(newestFirst);
  const left = ofKind.find(({ state }) => state === 'running' || state === 'published');
  if (left) return { kind, reason: left.reason, resume: isResumable(left, ofKind, situation) ? left : null };

  const requests = openRequests(situation).filter((request) => request.kind === kind);
  const urgent = requests.find((request) => request.urgent);
  if (urgent && !startedWithin(ofKind, situation)) return { kind, reason: urgent.reason, resume: null };
  if (now.getTime() < backoffUntil(kind, { ...situation, history: ofKind })) return null;
  const swept = requests[0];
  const isInVain = kind === 'users' && now.getTime() < tokensWait(ofKind, situation);
  if (swept && !isInVain && !startedWithin(ofKind, situation)) return { kind, reason: swept.reason, resume: null };
  const reason = scheduledReason(kind, ofKind, situation);
  return reason === null ? null : { kind, reason, resume: null };
}

const periodOf = (kind: SnapshotKind, { usersEvery, mfaEvery }: Periods): number =>
  kind === 'users' ? usersEvery : mfaEvery;

export const isWanted = (kind: SnapshotKind, { features }: Pick<IntegrationSettings, 'features'>): boolean =>
  kind === 'users' ? features.userSync : features.mfaVerification;

/** The report is filtered by the people we know, so they come first; a read that failed late has told them, too. */
const usersWereLoaded = ({ features }: IntegrationSettings, history: readonly SnapshotRecord[]): boolean =>
  !features.userSync ||
  history.some(
    ({ kind, state, publishedAt }) =>
      kind === 'users' && (state === 'complete' || (state === 'failed' && publishedAt !== null)),
  );

/**
 * Tokens that were taken for another group would follow that one in the name of the chosen. And the first read of another scope is
 * made whole: a resumed one removes nobody, and whom that scope has no longer would stay until the next.
 */
const isResumable = (left: SnapshotRecord, ofKind: readonly SnapshotRecord[], { settings, now }: Situation): boolean =>
  left.state === 'running' &&
  left.nextLink !== null &&
  now.getTime() - toMs(left.startedAt) < RESUME_WITHIN &&
  !wasOtherScope(ofKind, settings);

/** The look comes each minute, give or take: a period of a minute must not become two for some milliseconds. */
const TICK_TOLERANCE = 5_000;

/** A storm of requests makes one run an interval. */
const startedWithin = (ofKind: readonly SnapshotRecord[], { now, periods }: Situation): boolean =>
  ofKind[0] !== undefined && now.getTime() - toMs(ofKind[0].startedAt) < periods.sweepMinInterval;

/**
 * Until when a sweep that has no token to go on from waits for a full read, which would give the next one: the second token
 * in a row that Graph did not take makes it wait 1 min, then 4, then 5. Without, there would be a loop of full reads.
 */
function tokensWait(ofKind: readonly SnapshotRecord[], { resets = 0 }: Situation): number {
  const [last] = ofKind;
  if (!last || resets < 2) return 0;
  return toMs(last.startedAt) + Math.min(NO_TOKEN_CAP, MINUTE * 4 ** (resets - 2));
}

/**
 * When a first load that failed is to be looked at again, ms since epoch; null while none failed. The look at all each
 * minute would come too late.
 */
export function firstLoadRetryAt(situation: Situation): number | null {
  const { settings, history } = situation;
  const times = (['users', 'mfa'] as const).flatMap((kind) => {
    const ofKind = history.filter((record) => record.kind === kind).sort(newestFirst);
    return isWanted(kind, settings) && isFirstLoad(ofKind) && ofKind[0]?.state === 'failed'
      ? [backoffUntil(kind, { ...situation, history: ofKind })]
      : [];
  });
  return times.length === 0 ? null : Math.min(...times);
}

const isFirstLoad = (ofKind: readonly SnapshotRecord[]): boolean => ofKind.every(({ state }) => state !== 'complete');

/** `history`: of this kind, newest first. */
function backoffUntil(kind: SnapshotKind, { settings, periods, history, now, needsFullRound }: Situation): number {
  const failures = [];
  for (const record of history) {
    if (record.state === 'complete') break;
    if (record.state === 'failed' && record.failure?.code !== INTERRUPTED) failures.push(record);
  }
  const last = failures[0];
  // Settings saved since may have cured it.
  if (!last || toMs(settings.updatedAt) > toMs(last.startedAt)) return 0;
  const base = isFirstLoad(history) ? FIRST_LOAD_BACKOFF : MINUTE;
  const cap = kind === 'users' && needsFullRound ? NO_TOKEN_CAP : BACKOFF_CAP;
  const most = Math.min(cap, Math.max(MINUTE, periodOf(kind, periods)));
  const wait = Math.min(most, base * 2 ** (failures.length - 1));
  return toEnd(last, now) + wait;
}

/** One that ended at a time to come began before the clock was set back: nothing waits for that time to come again. */
const toEnd = ({ startedAt, finishedAt }: SnapshotRecord, now: Date): number =>
  finishedAt !== null && toMs(finishedAt) <= now.getTime() ? toMs(finishedAt) : toMs(startedAt);

function scheduledReason(kind: SnapshotKind, ofKind: readonly SnapshotRecord[], situation: Situation): string | null {
  const { now, periods } = situation;
  const complete = ofKind.filter(({ state }) => state === 'complete');
  const last = complete[0];
  const first = complete.at(-1);
  if (!last || !first) return 'first load';
  if (kind === 'users' && situation.needsFullRound && !hadFullRound(complete, situation)) return FULL_ROUND;
  if (kind === 'users' && isOfOtherScope(ofKind, situation)) return SCOPE_CHANGED;
  const every = periodOf(kind, periods);
  if (now.getTime() >= toMs(last.startedAt) + every - TICK_TOLERANCE) return 'full read on schedule';
  // Graph's replicas lag: what the first load missed is there by the second. Older history is not needed to know,
  // for the read on schedule comes to the same.
  const secondAt = toEnd(first, now) + periods.usersSecondRead;
  const isSettled = kind === 'mfa' || toMs(last.startedAt) >= secondAt || !isYoung(situation);
  return !isSettled && now.getTime() >= secondAt ? 'second read after the first load' : null;
}

/** A read of an earlier version does not say its scope: nobody knows of another. */
export const hasOtherScope = ({ scope }: Pick<SnapshotRecord, 'scope'>, settings: IntegrationSettings): boolean =>
  scope !== undefined && (scope.groupId !== settings.groupId || scope.includeGuests !== settings.includeGuests);

/** Of the last complete read, or of what was tried since: one that failed has told of its scope, too. Newest first. */
const wasOtherScope = (ofKind: readonly SnapshotRecord[], settings: IntegrationSettings): boolean => {
  const complete = ofKind.findIndex(({ state }) => state === 'complete');
  const since = complete === -1 ? ofKind : ofKind.slice(0, complete + 1);
  return since.some((record) => hasOtherScope(record, settings));
};

/** Whoever edits a running integration asks for a read; nobody does where it was paused, or admin was killed behind the save. */
const isOfOtherScope = (ofKind: readonly SnapshotRecord[], { settings, now }: Situation): boolean =>
  wasOtherScope(ofKind, settings) && Math.abs(now.getTime() - toMs(settings.updatedAt)) >= ASKED_WITHIN_MS;

/** One that failed gave no token, and nothing follows the changes meanwhile: it is made again after the back-off of failures. */
function hadFullRound(complete: readonly SnapshotRecord[], { now, resets = 0 }: Situation): boolean {
  const since = now.getTime() - (resets >= 2 ? FULL_ROUND_EVERY : NO_TOKEN_CAP);
  return complete.some(({ reason, startedAt }) => reason === FULL_ROUND && toMs(startedAt) > since);
}

/** Whether all completed reads since the start are in the history; see {@link Situation}. */
export const isYoung = ({ settings, now, periods }: Pick<Situation, 'settings' | 'now' | 'periods'>): boolean =>
  now.getTime() - toMs(settings.startedAt ?? settings.createdAt) < periods.usersEvery + periods.usersSecondRead;

/** A request is answered by a read that began after it and completed; one by a person by any attempt since. */
export const openRequests = ({ settings, history, requests }: Situation): Request[] =>
  requests.filter(
    (request) =>
      isWanted(request.kind, settings) &&
      !history.some(
        ({ kind, state, startedAt }) =>
          kind === request.kind &&
          toMs(startedAt) >= toMs(request.requestedAt) &&
          (state === 'complete' || (request.urgent && state === 'failed')),
      ),
  );

/** No read would ever answer what was asked at a time to come: the clock was set back, or another machine's is ahead. */
export function notAhead<T extends { requestedAt: string }>(request: T, now: Date): T {
  const at = now.toISOString();
  return request.requestedAt > at ? { ...request, requestedAt: at } : request;
}

/** One of each kind and urgency is enough: the newest. */
export function coalesce(requests: readonly Request[], more: Request): Request[] {
  const same = requests.find(({ kind, urgent }) => kind === more.kind && urgent === more.urgent);
  if (same && same.requestedAt >= more.requestedAt) return [...requests];
  return [...requests.filter((request) => request !== same), more];
}
