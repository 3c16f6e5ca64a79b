import { isFailure, type IntegrationSettings, type SubscriptionRecord, type Watch } from '@muster/contracts';
import type { Graph, GraphSubscription } from '@muster/graph-client';
import { judgeSlot, type Action } from './domain/plan-subscriptions.js';

export type ApplyContext = {
  settings: Pick<IntegrationSettings, 'integrationId' | 'tenantId'>;
  graph: Pick<Graph, 'createSubscription' | 'renewSubscription' | 'deleteSubscription' | 'listSubscriptions'>;
  now: () => Date;
  lifetimeMs: number;
  notificationUrl: string;
  lifecycleNotificationUrl: string;
  signedWith: string;
  signClientState: () => string;
};
/** `record` null = forgotten. `gap`: something may have been missed, so a sweep is wanted. */
export type Applied = { record: SubscriptionRecord | null; gap: string | null };

/** Carries out one action. Whatever goes wrong is written into the record, with its reason, and tried again later. */
export async function applyAction(
  action: Action,
  known: SubscriptionRecord | undefined,
  context: ApplyContext,
): Promise<Applied> {
  const watch =
    action.kind === 'create' ? action.watch : { entity: action.record.entity, resource: action.record.resource };
  try {
    switch (action.kind) {
      case 'create':
        return await create(action.watch, action.replaces, context);
      case 'renew':
        return await renew(action.record, action.subscriptionId, context);
      case 'remove':
        return await remove(action.record, context);
    }
  } catch (error) {
    return { record: toFailedRecord({ watch, known, error, context }), gap: null };
  }
}

/** A slot holds one subscription, so an old one of ours goes first; the sweep after it finds what fell between. */
async function create(watch: Watch, replaces: string | null, context: ApplyContext): Promise<Applied> {
  if (replaces !== null) await context.graph.deleteSubscription(replaces);
  const made = await createOrTakeOver(watch, context);
  if (made === 'taken') return { record: toTakenRecord(watch, context), gap: null };
  return { record: toLiveRecord(watch, made, context), gap: `subscription on ${watch.resource} created` };
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
  try {
    const renewed = await context.graph.renewSubscription(subscriptionId, toExpiry(context));
    const renewedAt = context.now().toISOString();
    return { record: { ...record, status: 'live', expiresAt: renewed.expiresAt, renewedAt, failure: null }, gap: null };
  } catch (error) {
    if (!isFailure(error) || error.code !== 'graph.not-found') throw error;
    return create({ entity: record.entity, resource: record.resource }, null, context);
  }
}

async function remove(record: SubscriptionRecord, context: ApplyContext): Promise<Applied> {
  const { subscriptionId, expiresAt } = record;
  const lives = expiresAt !== null && Date.parse(expiresAt) > context.now().getTime();
  if (subscriptionId !== null && lives) await context.graph.deleteSubscription(subscriptionId);
  return { record: null, gap: null };
}

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
  return { ...identity, subscriptionId, status: 'live', expiresAt, createdAt, renewedAt: null, failure: null } as const;
}

/** What is known of a subscription stays: it may be live although the last call failed. */
function toFailedRecord(options: {
  watch: Watch;
  known: SubscriptionRecord | undefined;
  error: unknown;
  context: ApplyContext;
}): SubscriptionRecord {
  const { watch, known, error, context } = options;
  const { code, message } = isFailure(error) ? error : { code: 'unknown', message: 'an unknown error; see the log' };
  const refused = code === 'graph.forbidden';
  const held = known?.subscriptionId != null;
  return {
    ...(known ?? toMissingRecord(watch, context)),
    status: refused ? 'refused' : held ? 'live' : 'missing',
    failure: { code, message, at: context.now().toISOString(), count: (known?.failure?.count ?? 0) + 1 },
  };
}

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
  renewedAt: null,
  failure: null,
});
