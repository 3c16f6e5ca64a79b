import { plural, type CursorKind, type IntegrationSettings } from '@muster/contracts';

/**
 * How far the picture of one integration can be trusted. `fresh`: what changed is told within seconds. `catching-up`: it
 * comes, but late. `stalled`: something waits, and nothing moves. `blind`: nobody can say; no data is never fresh.
 */
export type Verdict = 'fresh' | 'catching-up' | 'stalled' | 'blind';
/** Null: nothing is wanted (a draft, or removed). `reasons`: sentences, the weightiest first. */
export type VerdictView = { verdict: Verdict; reasons: string[] } | null;

export type VerdictFacts = {
  settings: Pick<IntegrationSettings, 'state' | 'features' | 'groupId' | 'startedAt'>;
  /** The first load of what is wanted, and whether a read is under way now. */
  isLoaded: boolean;
  isReading: boolean;
  cursors: readonly VerdictCursor[];
  /** Since when somebody waits for a sweep who was announced and not read; null: nobody does. */
  leftAt: string | null;
  /** When the last complete read of the MFA report began. */
  mfaReadAt: string | null;
  /** A live subscription on people. */
  hasNotifications: boolean;
  /** Ages of the last canary by partition, ms; one for each partition that ever had one. */
  canaries: { partitions: number; agesMs: readonly number[] };
  /** Null: Kafka does not answer. `stuckMs`: for so long the oldest that waits has not moved on. */
  backlog: { oldestMs: number; stuckMs: number; waiting: number } | null;
  /** Notifications that were measured in the last 15 minutes. */
  measured: number;
  /** Services that read people and whose reads are held back, since Microsoft refuses them or does not answer. */
  heldBack: readonly HeldBack[];
  /** The chosen group was deleted: who is in it stays as it was. */
  isGroupGone: boolean;
};
/** `failing`: sweeps that failed in a row, and why the last one did. */
export type VerdictCursor = {
  kind: CursorKind;
  sweptAt: string;
  usable: boolean;
  everyMs: number | null;
  failing: { count: number; why: string } | null;
};
/** `passing`: ends by itself. */
export type HeldBack = { service: string; since: string; why: string; passing: boolean };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** What waits longer is no longer a matter of seconds. */
const LATE_MS = 10 * SECOND;
/** Nothing moves for this long while something waits. */
const STUCK_MS = MINUTE;
/** The canary comes each minute; three missed ones are no accident. */
export const CANARY_LATE_MS = 200 * SECOND;
/** A new integration is looked at within seconds. */
const START_PATIENCE_MS = 2 * MINUTE;
/** Sweeps are late after three periods, but not for a moment of slowness. */
const LATE_PERIODS = 3;
const LEAST_SWEEP_LATE_MS = MINUTE;
/** Where the reconciler did not yet say how often it sweeps. */
const USUAL_PERIOD_MS = 3 * MINUTE;
/** The report is read hourly. */
const MFA_LATE_MS = 3 * 60 * MINUTE;

type Found = { verdict: Verdict; reason: string };
const say = (verdict: Verdict, reason: string): Found => ({ verdict, reason });
const RANK: readonly Verdict[] = ['blind', 'stalled', 'catching-up', 'fresh'];

/** The worst that holds, with everything that speaks for it. */
export function toVerdict(facts: VerdictFacts, now: Date): VerdictView {
  const { state } = facts.settings;
  if (state === 'draft' || state === 'removed') return null;
  if (state === 'paused') return { verdict: 'blind', reasons: ['Paused: nothing is read.'] };
  const found = [
    ...judgeReads(facts, now),
    ...judgeGroup(facts),
    ...judgeLoad(facts, now),
    ...judgeBacklog(facts),
    ...judgeCanaries(facts),
    ...judgeFollowing(facts, now),
    ...judgeFailing(facts, now),
    ...judgeReport(facts, now),
  ];
  if (found.length === 0) return { verdict: 'fresh', reasons: [toFreshReason(facts)] };
  const verdict = RANK.find((one) => found.some((other) => other.verdict === one)) ?? 'blind';
  const weight = ({ verdict: one }: Found): number => RANK.indexOf(one);
  return { verdict, reasons: found.toSorted((one, other) => weight(one) - weight(other)).map(({ reason }) => reason) };
}

/** Idle and dead differ: only the canary tells which it is. */
function toFreshReason({ measured, canaries }: VerdictFacts): string {
  const probe = `the last probe came through ${toAge(Math.max(...canaries.agesMs))} ago`;
  return measured === 0 ? `No changes in the last 15 min; ${probe}.` : `Changes come through; ${probe}.`;
}

/** Whoever reads now sees nothing: a throttled service has the other beside it, one that is refused stands for both. */
function judgeReads({ heldBack }: VerdictFacts, now: Date): Found[] {
  const refused = heldBack.filter(({ passing }) => !passing);
  const [first] = (refused.length > 0 ? refused : heldBack).toSorted((one, other) =>
    one.since < other.since ? -1 : 1,
  );
  if (!first) return [];
  const age = toAge(now.getTime() - Date.parse(first.since));
  if (!first.passing) return [say('blind', `Microsoft refuses to be read for ${age}: ${first.why}`)];
  const reason = `Reads of the ${heldBack.map(({ service }) => service).join(' and the ')} are held back for ${age}: ${first.why}`;
  return [say(heldBack.length > 1 ? 'stalled' : 'catching-up', reason)];
}

const judgeGroup = ({ isGroupGone, settings }: VerdictFacts): Found[] =>
  isGroupGone && settings.groupId !== null
    ? [say('stalled', 'The chosen group was deleted: who is in scope stays so. Restore it, or choose another group.')]
    : [];

function judgeLoad({ isLoaded, isReading, settings }: VerdictFacts, now: Date): Found[] {
  if (isLoaded) return [];
  if (isReading) return [say('catching-up', 'The first load is under way.')];
  const since = settings.startedAt === null ? 0 : Date.parse(settings.startedAt);
  return now.getTime() - since < START_PATIENCE_MS
    ? [say('catching-up', 'The first load is about to begin.')]
    : [say('blind', 'There was no complete first load yet.')];
}

function judgeBacklog({ backlog }: VerdictFacts): Found[] {
  if (!backlog) return [say('blind', 'Kafka does not answer, so nobody knows what waits.')];
  const { oldestMs, stuckMs, waiting } = backlog;
  if (waiting === 0) return [];
  const what = `${plural(waiting, 'event waits', 'events wait')}, the oldest for ${toAge(oldestMs)}`;
  if (stuckMs > STUCK_MS) return [say('stalled', `${what}; nothing moved for ${toAge(stuckMs)}.`)];
  return oldestMs > LATE_MS ? [say('catching-up', `${what}.`)] : [];
}

function judgeCanaries({ canaries: { partitions, agesMs }, ...facts }: VerdictFacts): Found[] {
  if (agesMs.length === 0) return [say('blind', 'No probe has come through yet.')];
  const fresh = agesMs.filter((age) => age <= CANARY_LATE_MS).length;
  if (fresh === partitions) return [];
  const last = toAge(Math.min(...agesMs));
  if (fresh > 0)
    return [say('catching-up', `No probe comes through ${partitions - fresh} of ${plural(partitions, 'partition')}.`)];
  // Nothing comes through and something waits: it is the projector. Nothing waits: the way to it is cut.
  const verdict = (facts.backlog?.waiting ?? 0) > 0 ? 'stalled' : 'catching-up';
  return [say(verdict, `No probe has come through for ${last}: notifications may not reach us.`)];
}

/** Sweeps cap what notifications miss; without either nobody knows. */
function judgeFollowing(facts: VerdictFacts, now: Date): Found[] {
  const { settings, cursors, isLoaded } = facts;
  if (!settings.features.userSync || !isLoaded) return [];
  const followed = toFollowed(cursors, settings);
  const late = followed.filter((cursor) => !cursor.usable || isLate(cursor, now));
  const users = followed.find(({ kind }) => kind === 'users');
  const isNotified = facts.hasNotifications && facts.canaries.agesMs.some((age) => age <= CANARY_LATE_MS);
  if (!users || late.includes(users))
    return isNotified
      ? [say('catching-up', toLateReason(users, now))]
      : [say('blind', `${toLateReason(users, now)} Notifications are not proved either.`)];
  if (late.length > 0) return [say('catching-up', toLateReason(late[0], now))];
  if (settings.groupId !== null && followed.length < 2)
    return [say('catching-up', 'Changes of the group are not followed: full reads alone tell of them.')];
  if (facts.hasNotifications) return [];
  const every = toAge(users.everyMs ?? USUAL_PERIOD_MS);
  return [say('catching-up', `No subscription on people is live: changes come by sweep, each ${every}.`)];
}

const toFollowed = (cursors: readonly Cursor[], { groupId }: VerdictFacts['settings']): Cursor[] =>
  cursors.filter(({ kind }) => kind === 'users' || groupId !== null);

/** Once is no news: it is made again within seconds. */
const FAILING = 2;

/** Sweeps that fail and people who wait for one: each alone is late, both together do not move. */
function judgeFailing({ cursors, leftAt, settings }: VerdictFacts, now: Date): Found[] {
  const failing = toFollowed(cursors, settings).find((cursor) => (cursor.failing?.count ?? 0) >= FAILING);
  const leftMs = leftAt === null ? 0 : now.getTime() - Date.parse(leftAt);
  const isLeft = leftMs > LATE_MS;
  const verdict = failing && isLeft ? 'stalled' : 'catching-up';
  const found: Found[] = [];
  if (isLeft)
    found.push(say(verdict, `People who were announced are not read yet: they wait for a sweep for ${toAge(leftMs)}.`));
  if (failing?.failing) {
    const { count, why } = failing.failing;
    found.push(say(verdict, `Following the changes of ${toWhat(failing)} failed ${count} times in a row: ${why}`));
  }
  return found;
}

const toWhat = ({ kind }: Pick<VerdictCursor, 'kind'>): string => (kind === 'users' ? 'people' : 'the group');

type Cursor = VerdictCursor;

const isLate = ({ sweptAt, everyMs }: Cursor, now: Date): boolean =>
  now.getTime() - Date.parse(sweptAt) > Math.max(LEAST_SWEEP_LATE_MS, LATE_PERIODS * (everyMs ?? USUAL_PERIOD_MS));

function toLateReason(cursor: Cursor | undefined, now: Date): string {
  if (!cursor?.usable) return 'There is no delta token to go on from; a full read gives a new one.';
  return `Changes of ${toWhat(cursor)} were last followed ${toAge(now.getTime() - Date.parse(cursor.sweptAt))} ago.`;
}

function judgeReport({ settings, mfaReadAt, isLoaded }: VerdictFacts, now: Date): Found[] {
  if (settings.features.userSync || !settings.features.mfaVerification || !isLoaded) return [];
  const age = mfaReadAt === null ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(mfaReadAt);
  return age > MFA_LATE_MS ? [say('blind', 'The MFA report was not read for more than 3 hours.')] : [];
}

/** In words, rounded: 40 s, 12 min, 5 h, 3 days. */
export function toAge(ms: number): string {
  if (ms < 100 * SECOND) return `${Math.round(Math.max(0, ms) / SECOND)} s`;
  if (ms < 100 * MINUTE) return `${Math.round(ms / MINUTE)} min`;
  const hours = ms / (60 * MINUTE);
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}
