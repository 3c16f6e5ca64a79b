import type { Clock } from '../clock.js';
import type { Faults } from '../faults.js';
import type { DeliverySettings } from '../settings.js';
import { createRandom } from '../random.js';
import { backOff } from './back-off.js';
import type { Item } from './item.js';
import { toBody } from './item.js';
import type { Post } from './post.js';

type Batch = { readonly items: readonly Item[]; attempts: number; firstAt: number };
type Endpoint = { readonly url: string; fresh: Item[]; ready: Batch[]; atWork: number; flushing: boolean };

export type Outbox = {
  readonly add: (url: string, item: Item) => void;
  /** An item of the same address that is still waiting for its first post. */
  readonly findFresh: (url: string, matches: (item: Item) => boolean) => Item | undefined;
  readonly stop: () => void;
};

type Tools = {
  readonly clock: Clock;
  readonly settings: DeliverySettings;
  readonly faults: Faults;
  readonly post: Post;
  /** Told of items that must wait or are too late; returns those that may go now. */
  readonly admit: (items: readonly Item[]) => readonly Item[];
};

/**
 * Gathers what happens within a short window and posts it per address. Only 2xx ends it; all else is tried again,
 * further and further apart, for four hours (contract 3.3).
 */
export const createOutbox = ({ clock, settings, faults, post, admit }: Tools): Outbox => {
  const endpoints = new Map<string, Endpoint>();
  const jitter = createRandom('back-off');
  let stopped = false;

  const settle = (batch: Batch, status: number) => {
    const at = clock.now();
    for (const { entry } of batch.items) {
      entry.status = status;
      if (status >= 200 && status < 300) entry.ackedAt = at;
    }
    return status >= 200 && status < 300;
  };

  const retryLater = (endpoint: Endpoint, batch: Batch) => {
    const { backOffBase: base, backOffCap: cap, giveUpAfter } = settings;
    const wait = backOff(batch.attempts, { base, cap, chance: jitter.next() });
    if (clock.now() + wait - batch.firstAt > giveUpAfter) {
      for (const { entry } of batch.items) entry.dropped = 'expired';
      return;
    }
    clock.after(wait, () => {
      endpoint.ready.push(batch);
      pump(endpoint);
    });
  };

  const send = async (endpoint: Endpoint, batch: Batch) => {
    const items = admit(batch.items);
    if (items.length === 0) return;
    const admitted: Batch = { ...batch, items, attempts: batch.attempts + 1 };
    for (const { entry } of items) {
      entry.sentAt ??= clock.now();
      entry.attempts = admitted.attempts;
    }
    const timeout = batch.attempts === 0 ? settings.firstTimeout : settings.retryTimeout;
    const posted = await post(endpoint.url, { body: toBody(items), contentType: 'application/json', timeout });
    if (!settle(admitted, typeof posted === 'string' ? 0 : posted.status)) retryLater(endpoint, admitted);
  };

  const pump = (endpoint: Endpoint) => {
    while (!stopped && endpoint.atWork < settings.postsAtOnce) {
      const batch = endpoint.ready.shift();
      if (batch === undefined) return;
      endpoint.atWork += 1;
      void send(endpoint, batch).finally(() => {
        endpoint.atWork -= 1;
        pump(endpoint);
      });
    }
  };

  const shuffle = (items: Item[]) => {
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = faults.random().below(last + 1);
      const [a, b] = [items[last], items[other]];
      if (a !== undefined && b !== undefined) [items[last], items[other]] = [b, a];
    }
  };

  const flush = (endpoint: Endpoint) => {
    endpoint.flushing = false;
    const items = endpoint.fresh;
    endpoint.fresh = [];
    if (faults.plan().reorderNotifications) shuffle(items);
    for (let start = 0; start < items.length; start += settings.itemsPerPost)
      endpoint.ready.push({
        items: items.slice(start, start + settings.itemsPerPost),
        attempts: 0,
        firstAt: clock.now(),
      });
    pump(endpoint);
  };

  const endpointOf = (url: string): Endpoint => {
    const endpoint = endpoints.get(url) ?? { url, fresh: [], ready: [], atWork: 0, flushing: false };
    endpoints.set(url, endpoint);
    return endpoint;
  };

  const enqueue = (url: string, item: Item) => {
    const endpoint = endpointOf(url);
    endpoint.fresh.push(item);
    if (endpoint.flushing) return;
    endpoint.flushing = true;
    clock.after(settings.window, () => flush(endpoint));
  };

  return {
    add: (url, item) => {
      const copies = faults.copiesOfNotification();
      if (copies === 0) item.entry.dropped = 'fault';
      const delay = faults.plan().delayNotificationsMs;
      for (let copy = 0; copy < copies; copy += 1)
        if (delay === 0) enqueue(url, item);
        else clock.after(delay, () => enqueue(url, item));
    },
    findFresh: (url, matches) => endpoints.get(url)?.fresh.findLast(matches),
    stop: () => {
      stopped = true;
    },
  };
};
