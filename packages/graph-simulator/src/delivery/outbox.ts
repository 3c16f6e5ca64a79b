import type { Clock } from '../clock.js';
import type { Faults } from '../faults.js';
import type { Settings } from '../settings.js';
import { createRandom } from '../random.js';
import { backOff } from './back-off.js';
import type { EndpointHealth, HealthState } from './endpoint-health.js';
import { createEndpointHealth } from './endpoint-health.js';
import type { Item } from './item.js';
import { pathOf, toBody } from './item.js';
import type { DropReason } from './ledger.js';
import { dropEntry } from './ledger.js';
import type { Post, Posted } from './post.js';

/** Items that travel together; `firstAt` starts the four hours. */
export type Batch = {
  items: readonly Item[];
  attempts: number;
  readonly firstAt: number;
  /** Tries out an endpoint at the end of this state. */
  probeOf: HealthState | null;
};
type Endpoint = {
  readonly url: string;
  readonly health: EndpointHealth;
  fresh: Item[];
  ready: Batch[];
  held: Batch[];
  atWork: number;
  flushing: boolean;
};
export type Pending = { readonly url: string } & Pick<Batch, 'items' | 'attempts' | 'firstAt'>;

export type Outbox = {
  readonly add: (url: string, item: Item) => void;
  /** Goes on with what an earlier run did not get rid of. */
  readonly resume: (pending: Pending) => void;
  /** Everything that is neither acknowledged nor dropped. */
  readonly pending: () => Pending[];
  /** An item of the same address that is still waiting for its first post. */
  readonly findFresh: (url: string, matches: (item: Item) => boolean) => Item | undefined;
  readonly endpoints: () => { readonly url: string; readonly state: HealthState; readonly held: number }[];
  readonly stop: () => void;
};

type Tools = {
  readonly clock: Clock;
  readonly settings: Pick<Settings, 'delivery' | 'switches'>;
  readonly faults: Faults;
  readonly post: Post;
  /** Told of items that must wait or are too late; returns those that may go now. */
  readonly admit: (items: readonly Item[]) => readonly Item[];
  /** Something was acknowledged, dropped or put off. */
  readonly onEdit?: () => void;
};

/**
 * Gathers what happens within a short window and posts it per address. Only 2xx ends it; all else is tried again,
 * further and further apart, for four hours (contract 3.3).
 */
export const createOutbox = (tools: Tools): Outbox => {
  const { clock, faults, post, admit, onEdit = () => undefined } = tools;
  const { delivery, switches } = tools.settings;
  const endpoints = new Map<string, Endpoint>();
  const healths = new Map<string, EndpointHealth>();
  const open = new Map<Batch, string>();
  const delayed = new Map<Item, string>();
  const jitter = createRandom('back-off');
  let stopped = false;

  const close = (batch: Batch, dropped: DropReason | null = null) => {
    open.delete(batch);
    if (dropped !== null) for (const { entry } of batch.items) dropEntry(entry, dropped, clock.now());
    onEdit();
  };

  const retryLater = (endpoint: Endpoint, batch: Batch) => {
    const { backOffBase: base, backOffCap: cap, giveUpAfter } = delivery;
    const wait = backOff(batch.attempts, { base, cap, chance: jitter.next() });
    if (clock.now() + wait - batch.firstAt > giveUpAfter) {
      close(batch, 'expired');
      return;
    }
    clock.after(wait, () => {
      endpoint.ready.push(batch);
      pump(endpoint);
    });
  };

  const judge = (
    endpoint: Endpoint,
    batch: Batch,
    { posted, took, timeout }: { posted: Posted; took: number; timeout: number },
  ) => {
    const status = typeof posted === 'string' ? 0 : posted.status;
    for (const { entry } of batch.items) entry.status = status;
    const timedOut = posted === 'timeout';
    // An answer after its own time limit cannot be: a stepped clock jumped meanwhile.
    const slow = timedOut || (took > delivery.firstTimeout && took <= timeout);
    const late = timedOut && timeout >= delivery.retryTimeout;
    endpoint.health.record(clock.now(), { probe: batch.probeOf !== null, slow, late });
    return status >= 200 && status < 300;
  };

  const send = async (endpoint: Endpoint, batch: Batch) => {
    batch.items = admit(batch.items);
    if (batch.items.length === 0) {
      // Nothing goes out, so nothing would ever judge the endpoint by it.
      if (batch.probeOf !== null) endpoint.health.giveBack();
      close(batch);
      return;
    }
    if (endpoint.health.state() === 'drop' && batch.probeOf === null) {
      close(batch, 'dropState');
      return;
    }
    const began = clock.now();
    const patient = batch.attempts > 0 || batch.probeOf === 'drop';
    batch.attempts += 1;
    for (const { entry } of batch.items) {
      entry.sentAt ??= began;
      entry.attempts = batch.attempts;
    }
    const timeout = patient ? delivery.retryTimeout : delivery.firstTimeout;
    const body = toBody(batch.items, switches);
    const posted = await post(endpoint.url, { body, contentType: 'application/json', timeout });
    const acked = judge(endpoint, batch, { posted, took: clock.now() - began, timeout });
    batch.probeOf = null;
    if (acked) {
      for (const { entry } of batch.items) entry.ackedAt = clock.now();
      close(batch);
    } else retryLater(endpoint, batch);
  };

  const pump = (endpoint: Endpoint) => {
    while (!stopped && endpoint.atWork < delivery.postsAtOnce) {
      const batch = endpoint.ready.shift();
      if (batch === undefined) return;
      endpoint.atWork += 1;
      void send(endpoint, batch).finally(() => {
        endpoint.atWork -= 1;
        pump(endpoint);
      });
    }
  };

  /** Lets new batches through, or keeps or discards them, as the endpoint's state wants it. */
  const release = (endpoint: Endpoint, batches: readonly Batch[]) => {
    let lookAgainAt = Infinity;
    for (const batch of batches) {
      if (clock.now() - batch.firstAt > delivery.giveUpAfter) {
        close(batch, 'expired');
        continue;
      }
      const verdict = endpoint.health.admit(clock.now());
      if (verdict.type === 'discard') close(batch, 'dropState');
      else if (verdict.type === 'hold') {
        endpoint.held.push(batch);
        lookAgainAt = Math.min(lookAgainAt, verdict.until);
      } else endpoint.ready.push(verdict.type === 'probe' ? Object.assign(batch, { probeOf: verdict.of }) : batch);
    }
    if (lookAgainAt !== Infinity)
      clock.after(lookAgainAt - clock.now(), () => {
        const held = endpoint.held;
        endpoint.held = [];
        release(endpoint, held);
      });
    pump(endpoint);
  };

  const shuffle = (items: Item[]) => {
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = faults.random('reorder').below(last + 1);
      const [a, b] = [items[last], items[other]];
      if (a !== undefined && b !== undefined) [items[last], items[other]] = [b, a];
    }
  };

  const openBatch = (url: string, batch: Omit<Batch, 'probeOf'>): Batch => {
    const opened: Batch = { ...batch, probeOf: null };
    open.set(opened, url);
    return opened;
  };

  const flush = (endpoint: Endpoint) => {
    endpoint.flushing = false;
    const items = endpoint.fresh;
    endpoint.fresh = [];
    const [first] = items;
    if (first !== undefined && faults.take('reorder', { tenantId: first.subscription.tenantId, path: pathOf(first) }))
      shuffle(items);
    const batches: Batch[] = [];
    for (let start = 0; start < items.length; start += delivery.itemsPerPost) {
      const slice = items.slice(start, start + delivery.itemsPerPost);
      batches.push(openBatch(endpoint.url, { items: slice, attempts: 0, firstAt: clock.now() }));
    }
    release(endpoint, batches);
  };

  const endpointOf = (url: string): Endpoint => {
    const known = endpoints.get(url);
    if (known !== undefined) return known;
    const key = switches.endpointBy === 'url' ? url : new URL(url).host;
    const health = healths.get(key) ?? createEndpointHealth(delivery);
    healths.set(key, health);
    const endpoint: Endpoint = { url, health, fresh: [], ready: [], held: [], atWork: 0, flushing: false };
    endpoints.set(url, endpoint);
    return endpoint;
  };

  const enqueue = (url: string, item: Item) => {
    const endpoint = endpointOf(url);
    endpoint.fresh.push(item);
    if (endpoint.flushing) return;
    endpoint.flushing = true;
    clock.after(delivery.window, () => flush(endpoint));
  };

  return {
    add: (url, item) => {
      const place = { tenantId: item.subscription.tenantId, path: pathOf(item) };
      if (faults.take('drop', place) !== null) {
        dropEntry(item.entry, 'fault', clock.now());
        return;
      }
      const copies = faults.take('duplicate', place) === null ? 1 : 2;
      const delay = faults.take('delay', place)?.ms ?? 0;
      if (delay > 0) delayed.set(item, url);
      for (let copy = 0; copy < copies; copy += 1)
        if (delay === 0) enqueue(url, item);
        else
          clock.after(delay, () => {
            delayed.delete(item);
            enqueue(url, item);
          });
    },
    resume: ({ url, ...batch }) => {
      const opened = openBatch(url, batch);
      clock.after(delivery.window, () => release(endpointOf(url), [opened]));
    },
    pending: () => [
      ...[...open].map(([{ items, attempts, firstAt }, url]) => ({ url, items, attempts, firstAt })),
      ...[...delayed].map(([item, url]) => ({ url, items: [item], attempts: 0, firstAt: clock.now() })),
      ...[...endpoints.values()]
        .filter(({ fresh }) => fresh.length > 0)
        .map(({ url, fresh }) => ({ url, items: [...fresh], attempts: 0, firstAt: clock.now() })),
    ],
    findFresh: (url, matches) => endpoints.get(url)?.fresh.findLast(matches),
    endpoints: () =>
      [...endpoints.values()].map(({ url, health, held }) => ({ url, state: health.state(), held: held.length })),
    stop: () => {
      stopped = true;
    },
  };
};
