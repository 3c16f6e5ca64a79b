import type { LifecycleEvent, SubscriptionRecord, SubscriptionWish, Watch } from '@muster/contracts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Graph asks for it: never a PATCH and a reauthorisation of one subscription within 10 min of each other. */
export const PATCH_PAUSE_MS = 10 * MINUTE;
/** A missing right or a taken slot is for an admin to mend: asked again, slowly. */
const REFUSED_RETRY_MS = 15 * MINUTE;
const FIRST_RETRY_MS = 2 * SECOND;
const LONGEST_RETRY_MS = 5 * MINUTE;
/** Copies' clocks differ by less. */
const AHEAD_MS = MINUTE;

export type Action =
  /** `replaces`: a subscription of ours that goes once the new one is there. */
  | { kind: 'create'; watch: Watch; replaces: string | null; reason: string }
  | { kind: 'renew'; record: SubscriptionRecord; subscriptionId: string; reason: string }
  /** Whether Graph made the last PATCH, whose answer was lost: it is asked, without another PATCH. */
  | { kind: 'check'; record: SubscriptionRecord; subscriptionId: string; reason: string }
  /** The sweep after a gap could not be asked for: asked again, Graph has nothing to do. */
  | { kind: 'sweep'; record: SubscriptionRecord; reason: string }
  /** Nobody wants it any more: deleted at Graph, then forgotten. */
  | { kind: 'remove'; record: SubscriptionRecord };

/** Failure code of a live subscription whose gap is not swept yet. */
export const SWEEP_NOT_ASKED = 'sweep.not-asked';

/** A subscription as Graph lists it. */
export type Listed = { subscriptionId: string; resource: string; notificationUrl: string };
export type PlanInput = {
  wanted: readonly Watch[];
  recorded: readonly SubscriptionRecord[];
  /** What Graph holds, also of ours what its list hides. Null = not asked this time. */
  listed: readonly Listed[] | null;
  now: number;
  /** When an admin last edited the integration, ms since epoch: what failed before is worth a try at once. */
  editedAt?: number;
  /**
   * When the token of a delegated consent was refreshed last, ms since epoch; null = the app works as itself. What was
   * authorised before hangs on the former token, which ends soon.
   */
  tokenSince?: number | null;
  /** What a subscription of ours looks like today. */
  ours: { notificationUrl: string; signedWith: string };
};

/** How long ago that was. A time to come was written before the clock was set back, and counts as long past: nothing waits for it. */
function toAge(instant: string, now: number): number {
  const age = now - Date.parse(instant);
  return age < -AHEAD_MS ? Infinity : age;
}

/** wanted × recorded × listed × now → what to do. A subscription that is fine gives no action. */
export function planSubscriptions({
  wanted,
  recorded,
  listed,
  now,
  ours,
  editedAt = 0,
  tokenSince = null,
}: PlanInput): Action[] {
  const byResource = new Map(recorded.map((record) => [record.resource, record]));
  const resources = new Set(wanted.map(({ resource }) => resource));
  const unwanted = recorded.filter(({ resource }) => !resources.has(resource));
  const removals = unwanted
    .filter((record) => record.subscriptionId === null || mayTry(record, now, editedAt))
    .map((record): Action => ({ kind: 'remove', record }));
  const keeping = wanted.flatMap((watch) => {
    const action = planOne({ watch, record: byResource.get(watch.resource), listed, now, ours, editedAt, tokenSince });
    return action ? [action] : [];
  });
  const missing = wanted.some(({ resource }) => isMissingForNow(byResource.get(resource)));
  return [...removals, ...oneReplacementAtMost(keeping, missing)];
}

type OneInput = Omit<Required<PlanInput>, 'wanted' | 'recorded'> & {
  watch: Watch;
  record: SubscriptionRecord | undefined;
};

function planOne({ watch, record, listed, now, ours, editedAt, tokenSince }: OneInput): Action | null {
  if (!record) return { kind: 'create', watch, replaces: null, reason: 'wanted' };
  if (!mayTry(record, now, editedAt)) return null;
  const { subscriptionId, expiresAt } = record;
  if (subscriptionId === null || expiresAt === null)
    return { kind: 'create', watch, replaces: null, reason: 'missing' };
  if (Date.parse(expiresAt) <= now) return { kind: 'create', watch, replaces: null, reason: 'expired' };
  if (record.notificationUrl !== ours.notificationUrl)
    return { kind: 'create', watch, replaces: subscriptionId, reason: 'address changed' };
  if (record.signedWith !== ours.signedWith)
    return { kind: 'create', watch, replaces: subscriptionId, reason: 'signing key changed' };
  if (record.failure?.code === SWEEP_NOT_ASKED) return { kind: 'sweep', record, reason: 'gap not swept' };
  if (isLater(record.recreateWantedAt, record.createdAt, now))
    return { kind: 'create', watch, replaces: null, reason: 'subscriptionRemoved' };
  if (isUnsure(record, now)) return { kind: 'check', record, subscriptionId, reason: 'answer lost' };
  if (record.failure !== null) return { kind: 'renew', record, subscriptionId, reason: 'failed before' };
  if (now >= toRenewAt(record)) return { kind: 'renew', record, subscriptionId, reason: 'due' };
  if (isLater(record.reauthoriseWantedAt, record.renewedAt ?? record.createdAt, now) && mayPatch(record, now))
    return { kind: 'renew', record, subscriptionId, reason: 'reauthorizationRequired' };
  if (tokenSince !== null && now - tokenSince < sinceAuthorised(record, now) && mayPatch(record, now))
    return { kind: 'renew', record, subscriptionId, reason: 'token refreshed' };
  const isGone = listed !== null && !isAmong(listed, subscriptionId);
  return isGone ? { kind: 'create', watch, replaces: null, reason: 'gone' } : null;
}

const isAmong = (listed: readonly Listed[], id: string): boolean =>
  listed.some(({ subscriptionId }) => subscriptionId === id);

/** The list has been seen to hide live ones: each is to be asked for by its id before it counts as gone. */
export const findHidden = (recorded: readonly SubscriptionRecord[], listed: readonly Listed[]): SubscribedRecord[] =>
  recorded.filter(isSubscribed).filter(({ subscriptionId }) => !isAmong(listed, subscriptionId));

type SubscribedRecord = SubscriptionRecord & { subscriptionId: string };
const isSubscribed = (record: SubscriptionRecord): record is SubscribedRecord => record.subscriptionId !== null;

/** A rotation replaces one subscription at a time, so that the others go on hearing until the new one does. */
function oneReplacementAtMost(actions: Action[], missing: boolean): Action[] {
  const isReplacement = (action: Action): boolean => action.kind === 'create' && action.replaces !== null;
  const first = missing ? undefined : actions.find(isReplacement);
  return actions.filter((action) => !isReplacement(action) || action === first);
}

/** One that fails for long may never come (its group is gone, say): it no longer holds up the others. */
const isMissingForNow = (record: SubscriptionRecord | undefined): boolean =>
  record?.status === 'missing' && (record.failure === null || toPause(record.failure.count) < LONGEST_RETRY_MS);

/** The time since the last call that bound it to a token. */
const sinceAuthorised = ({ renewedAt, createdAt }: SubscriptionRecord, now: number): number =>
  toAge(renewedAt ?? createdAt ?? '1970-01-01T00:00:00Z', now);

/** Under our address, but not in our records: nobody knows its clientState, so it only costs a slot. */
export function findStrays({
  recorded,
  listed,
  ours,
}: Pick<PlanInput, 'recorded' | 'ours'> & { listed: readonly Listed[] }) {
  const known = new Set(recorded.map(({ subscriptionId }) => subscriptionId));
  return listed.filter((item) => item.notificationUrl === ours.notificationUrl && !known.has(item.subscriptionId));
}

/** Half of the life that Graph gave, 45 to 55 % by the id, so that many subscriptions don't fall due at once. */
export function toRenewAt({ subscriptionId, createdAt, renewedAt, expiresAt }: SubscriptionRecord): number {
  if (expiresAt === null || subscriptionId === null) return 0;
  const end = Date.parse(expiresAt);
  const begin = Date.parse(renewedAt ?? createdAt ?? expiresAt);
  return begin + (end - begin) * (0.45 + 0.1 * toFraction(subscriptionId));
}

/** The id's own number in [0, 1): the same at each look, and spread over many ids. */
const toFraction = (id: string): number => Number.parseInt(id.slice(-6), 16) / 0x100_0000 || 0;

const mayPatch = (record: SubscriptionRecord, now: number): boolean =>
  sinceAuthorised(record, now) >= PATCH_PAUSE_MS && !isUnsure(record, now);

/** Graph may have made a PATCH so short ago that another is not allowed yet. */
const isUnsure = ({ unsureAt }: SubscriptionRecord, now: number): boolean =>
  unsureAt !== undefined && toAge(unsureAt, now) < PATCH_PAUSE_MS;

const isLater = (one: string | undefined, other: string | null, now: number): boolean =>
  one !== undefined && (other === null || now - Date.parse(one) < toAge(other, now));

/** What a lifecycle notification asks for, to be kept until it is done; null = nothing, or it comes too soon behind a PATCH. */
export function toWish(
  record: SubscriptionRecord,
  { lifecycleEvent, receivedAt }: Pick<LifecycleEvent, 'lifecycleEvent' | 'receivedAt'>,
  now: number,
): SubscriptionWish | null {
  if (lifecycleEvent === 'subscriptionRemoved') return { recreateWantedAt: receivedAt };
  if (lifecycleEvent !== 'reauthorizationRequired' || !mayPatch(record, now)) return null;
  return { reauthoriseWantedAt: receivedAt };
}

/** Wishes are about one subscription: those of a former one are past. */
export function withWishes(record: SubscriptionRecord, wished: SubscriptionRecord): SubscriptionRecord {
  if (record.subscriptionId !== wished.subscriptionId) return record;
  const { reauthoriseWantedAt, recreateWantedAt } = wished;
  return {
    ...record,
    ...(reauthoriseWantedAt === undefined ? {} : { reauthoriseWantedAt }),
    ...(recreateWantedAt === undefined ? {} : { recreateWantedAt }),
  };
}

const toPause = (count: number): number => Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (count - 1));

/**
 * When a failed one is tried again: after 2 s doubled to 5 min; a refusal waits 15 min, what else failed behind it does
 * not; not before Graph's Retry-After.
 * Null = it did not fail.
 */
export function toRetryAt(
  { failure, status }: Pick<SubscriptionRecord, 'failure' | 'status'>,
  now: number,
): number | null {
  if (failure === null) return null;
  if (toAge(failure.at, now) === Infinity) return now;
  const refused = failure.code === 'graph.forbidden' || status === 'slot-taken';
  const at = Date.parse(failure.at) + (refused ? REFUSED_RETRY_MS : toPause(failure.count));
  return failure.notBefore === undefined ? at : Math.max(at, Date.parse(failure.notBefore));
}

/** However many notifications ask for it: not soon after another PATCH, and not in the pause behind one that failed. */
export const mayReauthorise = (record: SubscriptionRecord, now: number, editedAt: number): boolean =>
  mayPatch(record, now) && (record.failure?.code === SWEEP_NOT_ASKED || mayTry(record, now, editedAt));

/** An edit ends the waiting, but for what Graph itself asked for. */
function mayTry(record: SubscriptionRecord, now: number, editedAt: number): boolean {
  const { failure } = record;
  if (failure === null) return true;
  if (now >= (toRetryAt(record, now) ?? now)) return true;
  const isEarly = failure.notBefore !== undefined && now < Date.parse(failure.notBefore);
  return !isEarly && Date.parse(failure.at) < editedAt;
}

/** Who holds the slot that a 409 speaks of. */
export type SlotVerdict =
  | { kind: 'ours'; subscriptionId: string }
  | { kind: 'taken' }
  /** The list does not show it (yet): tried again. */
  | { kind: 'unknown' };

export function judgeSlot(watch: Watch, listed: readonly Listed[], notificationUrl: string): SlotVerdict {
  const holders = listed.filter(({ resource }) => isSameResource(resource, watch.resource));
  const ours = holders.find((item) => item.notificationUrl === notificationUrl);
  if (ours) return { kind: 'ours', subscriptionId: ours.subscriptionId };
  return holders.length > 0 ? { kind: 'taken' } : { kind: 'unknown' };
}

const isSameResource = (one: string, other: string): boolean =>
  one.replace(/^\//, '').toLowerCase() === other.replace(/^\//, '').toLowerCase();
