import { Failure, isFailure, type IntegrationSettings, type SubscriptionRecord, type Watch } from '@muster/contracts';
import type { Graph, GraphSubscription } from '@muster/graph-client';
import { judgeSlot, SWEEP_NOT_ASKED, type Action } from './domain/plan-subscriptions.js';

export type ApplyContext = {
  settings: Pick<IntegrationSettings, 'integrationId' | 'tenantId'>;
  graph: Pick<
    Graph,
    'createSubscription' | 'renewSubscription' | 'deleteSubscription' | 'listSubscriptions' | 'readSubscription'
  >;
  now: () => Date;
  lifetimeMs: number;
  notificationUrl: string;
  lifecycleNotificationUrl: string;
  signedWith: string;
  signClientState: () => string;
  /** Keeps that a PATCH is about to be sent: whoever starts after a kill must not send a second one so soon. */
  intend: (record: SubscriptionRecord) => Promise<void>;
};
/**
 * `record` null = forgotten. `gap`: something may have been missed, so a sweep is wanted. `error`: what nobody foresaw,
 * for the log only, since nobody knows what its message holds.
 */
export type Applied = { record: SubscriptionRecord | null; gap: string | null; error?: unknown };

/** While the app is shut out, Graph's challenges stay unanswered and it stops delivering (contract section 4). */
const LEAVES_A_GAP = new Set(['graph.forbidden', 'graph.unauthorized', 'token.refused', SWEEP_NOT_ASKED]);

/** Carries out one action. Whatever goes wrong is written into the record, with its reason, and tried again later. */
export async function applyAction(
  action: Action,
  known: SubscriptionRecord | undefined,
  context: ApplyContext,
): Promise<Applied> {
  try {
    switch (action.kind) {
      case 'create':
        return await create({ watch: action.watch, replaces: action.replaces, known, context });
      case 'renew':
        return await renew(action.record, action.subscriptionId, context);
      case 'check':
        return await check(action.record, { subscriptionId: action.subscriptionId, context });
      case 'sweep':
        return { record: { ...action.record, failure: null }, gap: `gap of ${action.record.resource} not swept yet` };
      case 'remove':
        return await remove(action.record, context);
    }
  } catch (error) {
    const watch = action.kind === 'create' ? action.watch : toWatch(action.record);
    return toFailed({ watch, known, error, context });
  }
}

/** The gap is still open although the subscription lives: the next look asks again. */
export function toUnsweptRecord(options: {
  record: SubscriptionRecord;
  known: SubscriptionRecord | undefined;
  error: unknown;
  at: Date;
}): SubscriptionRecord {
  const { record, known, error, at } = options;
  const message = `The sweep after a gap could not be asked for: ${toWords(error).message}`;
  return { ...record, failure: { code: SWEEP_NOT_ASKED, message, at: at.toISOString(), count: toCount(known) } };
}

type Creation = {
  watch: Watch;
  replaces: string | null;
  known: SubscriptionRecord | undefined;
  context: ApplyContext;
};

/** A slot holds one subscription, so an old one of ours goes first; the sweep after it finds what fell between. */
async function create({ watch, replaces, known, context }: Creation): Promise<Applied> {
  if (replaces !== null) await context.graph.deleteSubscription(replaces);
  try {
    const made = await createOrTakeOver(watch, context);
    if (made === 'taken') return { record: toTakenRecord(watch, context), gap: null };
    return { record: toLiveRecord(watch, made, context), gap: `subscription on ${watch.resource} created` };
  } catch (error) {
    // None is held any more, whatever the record says: it was deleted, or has expired, or never was.
    const none = { ...toMissingRecord(watch, context), failure: known?.failure ?? null };
    return toFailed({ watch, known: none, error, context });
  }
}

async function createOrTakeOver(watch: Watch, context: ApplyContext): Promise<GraphSubscription | 'taken'> {
  try {
    return await ask(watch, context);
  } catch (error) {
    if (!isConflict(error)) throw error;
    const verdict = judgeSlot(watch, await context.graph.listSubscriptions(), context.notificationUrl);
    if (verdict.kind === 'taken') return 'taken';
    if (verdict.kind === 'unknown') throw error;
    // Our address but not in our records: its clientState is not ours to know, so it is replaced.
    await context.graph.deleteSubscription(verdict.subscriptionId);
    return ask(watch, context);
  }
}

const ask = (watch: Watch, context: ApplyContext): Promise<GraphSubscription> =>
  context.graph.createSubscription({
    ...watch,
    notificationUrl: context.notificationUrl,
    lifecycleNotificationUrl: context.lifecycleNotificationUrl,
    clientState: context.signClientState(),
    expiresAt: toExpiry(context),
  });

async function renew(record: SubscriptionRecord, subscriptionId: string, context: ApplyContext): Promise<Applied> {
  const unsure = { ...record, unsureAt: context.now().toISOString() };
  await context.intend(unsure);
  try {
    const { expiresAt } = await context.graph.renewSubscription(subscriptionId, toExpiry(context));
    return toRenewed(record, { expiresAt, renewedAt: context.now().toISOString() });
  } catch (error) {
    if (isGone(error)) return create({ watch: toWatch(record), replaces: null, known: record, context });
    if (!isAnswerLost(error)) throw error;
    return check(unsure, { subscriptionId, context, lost: error }).catch(() =>
      toFailed({ watch: toWatch(record), known: unsure, error, context }),
    );
  }
}

type Checking = { subscriptionId: string; context: ApplyContext; lost?: unknown };

/** An end that has moved shows that Graph made the PATCH; one that has not proves nothing, for replicas lag. */
async function check(record: SubscriptionRecord, { subscriptionId, context, lost }: Checking): Promise<Applied> {
  const held = await context.graph.readSubscription(subscriptionId);
  if (!held) return create({ watch: toWatch(record), replaces: null, known: record, context });
  const { unsureAt, expiresAt } = record;
  if (unsureAt !== undefined && Date.parse(held.expiresAt) > Date.parse(expiresAt ?? unsureAt))
    return toRenewed(record, { expiresAt: held.expiresAt, renewedAt: unsureAt });
  const open = new Failure('subscription.unsure', 'The answer to a renewal was lost, and no renewal shows so far.', {
    retryable: true,
  });
  return toFailed({ watch: toWatch(record), known: record, error: lost ?? open, context });
}

function toRenewed(before: SubscriptionRecord, renewed: { expiresAt: string; renewedAt: string }): Applied {
  const { reauthoriseWantedAt: _done, recreateWantedAt: _lives, unsureAt: _known, ...record } = before;
  const code = record.failure?.code ?? '';
  // A shut-out may lie behind the last failure; records of before (undefined) tell of that one alone.
  const after = LEAVES_A_GAP.has(code) ? code : record.deliversSince === null ? 'the app was shut out' : null;
  const gap = after === null ? null : `subscription on ${record.resource} renewed after ${after}`;
  const deliversSince = gap === null ? (record.deliversSince ?? record.createdAt) : renewed.renewedAt;
  return { record: { ...record, ...renewed, status: 'live', deliversSince, failure: null }, gap };
}

const isGone = (error: unknown): boolean => isFailure(error) && error.code === 'graph.not-found';

/** Statuses by which somebody between us and Graph may speak, or Graph in the middle of its work. */
const SAYS_NOTHING = new Set([408, 500, 502, 504]);

/** Graph may have done it all the same: no answer came, or none that can be read. */
function isAnswerLost(error: unknown): boolean {
  if (!isFailure(error)) return true;
  const { status, quarantined } = error.details;
  if (quarantined === true) return false;
  if (error.code === 'graph.malformed') return true;
  return error.code === 'graph.unavailable' && (status === undefined || SAYS_NOTHING.has(Number(status)));
}

async function remove(record: SubscriptionRecord, context: ApplyContext): Promise<Applied> {
  const { subscriptionId, expiresAt } = record;
  const lives = expiresAt !== null && Date.parse(expiresAt) > context.now().getTime();
  if (subscriptionId !== null && lives) await context.graph.deleteSubscription(subscriptionId);
  return { record: null, gap: null };
}

const toWatch = ({ entity, resource }: SubscriptionRecord): Watch => ({ entity, resource });

const toExpiry = ({ now, lifetimeMs }: ApplyContext): string => new Date(now().getTime() + lifetimeMs).toISOString();

const isConflict = (error: unknown): boolean => isFailure(error) && error.details.status === 409;

function toLiveRecord(
  watch: Watch,
  made: GraphSubscription,
  { settings, now, signedWith, notificationUrl }: ApplyContext,
) {
  const { integrationId, tenantId } = settings;
  const { subscriptionId, expiresAt } = made;
  const createdAt = now().toISOString();
  const identity = { integrationId, tenantId, ...watch, notificationUrl, signedWith };
  const state = { status: 'live', renewedAt: null, failure: null } as const;
  return { ...identity, subscriptionId, expiresAt, createdAt, deliversSince: createdAt, ...state };
}

/** What is known of a subscription stays: it may be live although the last call failed, and a gap stays open. */
function toFailed(options: {
  watch: Watch;
  known: SubscriptionRecord | undefined;
  error: unknown;
  context: ApplyContext;
}): Applied {
  const { watch, known, error, context } = options;
  const held = known?.subscriptionId != null;
  const { code, message } = toWords(error);
  const at = context.now();
  const leavesGap = LEAVES_A_GAP.has(code) || LEAVES_A_GAP.has(known?.failure?.code ?? '');
  const isRefused = code === 'graph.forbidden' || known?.status === 'refused';
  const record: SubscriptionRecord = {
    ...(known ?? toMissingRecord(watch, context)),
    ...(leavesGap ? { deliversSince: null } : {}),
    status: isRefused ? 'refused' : held ? 'live' : 'missing',
    failure: { code, message, at: at.toISOString(), count: toCount(known), ...toNotBefore(error, at) },
  };
  return isFailure(error) ? { record, gap: null } : { record, gap: null, error };
}

/** What Graph asked for: calls before it are counted, too, and make it longer. */
const toNotBefore = (error: unknown, at: Date): { notBefore?: string } =>
  isFailure(error) && error.retryAfterMs !== undefined
    ? { notBefore: new Date(at.getTime() + error.retryAfterMs).toISOString() }
    : {};

const toCount = (known: SubscriptionRecord | undefined): number => (known?.failure?.count ?? 0) + 1;

/** Graph validates the address on every create and renewal, and says so in words alone (contract section 1). */
const UNREACHED = ' Most often Microsoft got no answer from the receiver’s public address within 10 s.';

const toWords = (error: unknown): { code: string; message: string } => {
  if (!isFailure(error)) return { code: 'unknown', message: 'an unknown error; see the log' };
  const { code, message } = error;
  return { code, message: code === 'graph.refused' ? `${message}${UNREACHED}` : message };
};

function toTakenRecord(watch: Watch, context: ApplyContext): SubscriptionRecord {
  const message = 'Another program of this app registration holds the subscription; delta keeps the picture true.';
  const failure = { code: 'subscription.slot-taken', message, at: context.now().toISOString(), count: 1 };
  return { ...toMissingRecord(watch, context), status: 'slot-taken', failure };
}

const toMissingRecord = (watch: Watch, { settings, notificationUrl }: ApplyContext): SubscriptionRecord => ({
  integrationId: settings.integrationId,
  tenantId: settings.tenantId,
  ...watch,
  subscriptionId: null,
  status: 'missing',
  notificationUrl,
  signedWith: null,
  expiresAt: null,
  createdAt: null,
  deliversSince: null,
  renewedAt: null,
  failure: null,
});
