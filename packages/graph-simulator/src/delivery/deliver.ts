import type { App } from '../tenant/app.js';
import type { Change } from '../tenant/change-log.js';
import type { Tenant } from '../tenant/tenant.js';
import { challengeTime } from '../subscriptions/challenge.js';
import { parseResource } from '../subscriptions/subscription.js';
import type { Subscription } from '../subscriptions/subscription.js';
import type { Settings } from '../settings.js';
import type { World } from '../world.js';
import type { Item, MemberDelta } from './item.js';
import { dropEntry } from './ledger.js';
import type { KeptBatch } from './pending.js';
import { toItem, toKeptBatch } from './pending.js';
import { WATCH, opens } from '../graph/permissions.js';
import type { HealthState } from './endpoint-health.js';
import { announce, isWatchedBy } from './match.js';
import type { Outbox } from './outbox.js';
import { createOutbox } from './outbox.js';
import type { Post } from './post.js';

export type Delivery = {
  readonly onChange: (tenant: Tenant, change: Change) => void;
  /** Posts what waited while the token behind the subscription had lapsed. */
  readonly resume: (subscription: Subscription) => void;
  /** Consent was changed: what it no longer covers is challenged and waits (contract 4). */
  readonly onConsent: (tenant: Tenant, clientId: string) => void;
  /** What is not acknowledged yet, for the state file. */
  readonly pending: () => KeptBatch[];
  /** Goes on with what an earlier run left. */
  readonly load: (batches: readonly KeptBatch[]) => void;
  readonly endpoints: () => { readonly url: string; readonly state: HealthState; readonly held: number }[];
  /** Ends what expired and sends the challenges that are due. */
  readonly tick: () => void;
  readonly stop: () => void;
};

const TOGETHER = 60_000;

/** What happened within a minute goes on together: the four hours of each begin when it happened (contract 3.5). */
const toBatches = (items: readonly Item[], { itemsPerPost }: Pick<Settings['delivery'], 'itemsPerPost'>) => {
  const batches: { items: Item[]; attempts: number; firstAt: number }[] = [];
  for (const item of [...items].sort((a, b) => a.changedAt - b.changedAt)) {
    const last = batches.at(-1);
    if (last !== undefined && last.items.length < itemsPerPost && item.changedAt - last.firstAt <= TOGETHER)
      last.items.push(item);
    else batches.push({ items: [item], attempts: item.entry.attempts, firstAt: item.changedAt });
  }
  return batches;
};

/** What was consented to for whoever created it: the app itself, or a person. */
const rightsBehind = (app: App, { creatorId }: Subscription): readonly string[] =>
  creatorId === app.principalId ? app.granted : [...app.grantedScopes, ...(app.userConsents[creatorId] ?? [])];

/** Turns changes into notifications of the subscriptions that watch them. */
export const createDelivery = (world: World, { post, onEdit }: { post: Post; onEdit: () => void }): Delivery => {
  const { clock, settings, subscriptions, ledger } = world;
  const waiting = new Map<string, Item[]>();

  const admit = (items: readonly Item[]): readonly Item[] =>
    items.filter((item) => {
      const { subscription } = item;
      const now = clock.now();
      if (subscriptions.find(subscription.id) === undefined || subscription.expiresAt <= now) {
        dropEntry(item.entry, 'gone', now);
        return false;
      }
      if (item.type === 'lifecycle' || subscription.tokenExpiresAt > now) return true;
      waiting.set(subscription.id, [...(waiting.get(subscription.id) ?? []), item]);
      return false;
    });
  const outbox: Outbox = createOutbox({ clock, settings, faults: world.faults, post, admit, onEdit });

  const toMembers = (change: Change): MemberDelta[] => {
    if (change.type !== 'member') return [];
    return [change.added ? { id: change.memberId } : { id: change.memberId, '@removed': 'deleted' }];
  };

  const notify = (tenant: Tenant, change: Change, subscription: Subscription) => {
    const { kind, changeType } = announce(change);
    const members = toMembers(change);
    if (change.type === 'member') {
      // Changes of one group's members in one window travel together.
      const open = outbox.findFresh(
        subscription.notificationUrl,
        (item) =>
          item.type === 'change' &&
          item.subscription === subscription &&
          item.id === change.id &&
          item.members.length > 0,
      );
      if (open?.type === 'change') {
        open.members.push(...members);
        return;
      }
    }
    const entity = kind === 'users' ? 'user' : 'group';
    const entry = ledger.open({
      subscriptionId: subscription.id,
      tenantId: tenant.id,
      changedAt: change.at,
      entity,
      entityId: change.id,
    });
    outbox.add(subscription.notificationUrl, {
      type: 'change',
      subscription,
      entry,
      changedAt: change.at,
      version: change.version,
      changeType,
      kind,
      id: change.id,
      members,
    });
  };

  const challenge = (subscription: Subscription, url: string, now: number) => {
    const { id, tenantId } = subscription;
    const entry = ledger.open({ subscriptionId: id, tenantId, changedAt: now, entity: 'subscription', entityId: id });
    outbox.add(url, {
      type: 'lifecycle',
      event: 'reauthorizationRequired',
      subscription,
      entry,
      changedAt: now,
      version: 0,
    });
  };

  const dropLate = (now: number) => {
    for (const [id, items] of waiting) {
      const kept = items.filter((item) => now - item.changedAt <= settings.delivery.giveUpAfter);
      for (const item of items) if (!kept.includes(item)) dropEntry(item.entry, 'expired', now);
      if (kept.length === 0) waiting.delete(id);
      else waiting.set(id, kept);
    }
  };

  const announceTo = (tenant: Tenant, change: Change) => {
    for (const subscription of subscriptions.ofTenant(tenant.id))
      if (subscription.expiresAt > clock.now() && isWatchedBy(change, subscription))
        notify(tenant, change, subscription);
  };

  return {
    onChange: (tenant, change) => {
      announceTo(tenant, change);
      if (change.type !== 'member' || !settings.switches.membershipChangesUser || change.memberType !== 'user') return;
      const { version, at, memberId: id } = change;
      announceTo(tenant, { type: 'user', what: 'updated', mask: 0, version, at, id });
    },
    onConsent: (tenant, clientId) => {
      const app = tenant.apps.get(clientId);
      for (const subscription of subscriptions.ofTenant(tenant.id)) {
        const kind = parseResource(subscription.resource)?.kind ?? 'users';
        const rights = app === undefined ? [] : rightsBehind(app, subscription);
        if (subscription.applicationId !== clientId || opens(WATCH[kind], new Set(rights))) continue;
        subscription.tokenExpiresAt = Math.min(subscription.tokenExpiresAt, clock.now());
        subscription.challengeAt = clock.now();
      }
    },
    pending: () => [
      ...outbox.pending().map(toKeptBatch),
      ...[...waiting.values()].flat().map((item) =>
        toKeptBatch({
          url: item.subscription.notificationUrl,
          items: [item],
          attempts: 0,
          firstAt: item.changedAt,
        }),
      ),
    ],
    load: (batches) => {
      for (const { url, attempts, firstAt, items } of batches) {
        const known = items.flatMap((kept) => toItem(kept, world) ?? []);
        if (known.length > 0) outbox.resume({ url, attempts, firstAt, items: known });
      }
    },
    endpoints: () => outbox.endpoints(),
    resume: (subscription) => {
      const items = waiting.get(subscription.id) ?? [];
      waiting.delete(subscription.id);
      const url = subscription.notificationUrl;
      for (const batch of toBatches(items, settings.delivery)) outbox.resume({ url, ...batch });
      onEdit();
    },
    tick: () => {
      const now = clock.now();
      for (const subscription of [...subscriptions.all()]) {
        if (subscription.expiresAt <= now) subscriptions.end(subscription);
        else if (subscription.challengeAt <= now) {
          const { lifecycleNotificationUrl } = subscription;
          if (lifecycleNotificationUrl !== null) challenge(subscription, lifecycleNotificationUrl, now);
          subscription.challengeAt = challengeTime(subscription, now, settings.lifetimes);
        }
      }
      dropLate(now);
    },
    stop: () => outbox.stop(),
  };
};
