import { toPersonKey, type IntegrationSettings, type NotificationEvent } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import { afterPart, estimateBehind, isBurst, NO_BURST, type BurstState, type PartTook } from './domain/burst.js';
import { measureLag, type Measure } from './measure-lag.js';
import type { ProjectorMetrics } from './projector-metrics.js';

type Left = { event: NotificationEvent; consumedAt: Date; lookedAt: Date };
export type LeftToSweep = {
  /** Whether these people of a tenant are to be left to a sweep, since they come too fast to be read one by one. */
  isTooMuch: (settings: IntegrationSettings, load: { read: number; events: number; behind: number }) => boolean;
  /** How long a tenant's part of a batch took, in which others were, too; `read`: people read for it. */
  took: (settings: IntegrationSettings, part: PartTook) => void;
  /** Notes that they were announced, so that the loss meter knows, and that their lag is still to be measured. */
  leave: (settings: IntegrationSettings, named: ReadonlyMap<string, readonly NotificationEvent[]>) => Promise<void>;
  /** Measures those whom a sweep has reached since, by whichever copy of the projector. */
  measure: () => Promise<void>;
};

type Options = {
  store: {
    users: Pick<Store['users'], 'load'>;
    lag: Pick<Store['lag'], 'add'>;
    announced: Pick<Store['announced'], 'add'>;
  };
  metrics: Pick<ProjectorMetrics, 'left' | 'leftOldest'>;
  /** People of one tenant at a moment. */
  most: number;
  now: Now;
};

/** Beyond this the lag of some stands for that of all. */
const MOST_MEASURED = 20_000;
const LOOK_AT_ONCE = 500;
/**
 * Somebody whom no sweep tells by then has no document, or did not change. Longer than any usual storm, in which sweeps
 * fail, too: the lag that was forgotten is the longest, and what is shown without it flatters.
 */
const FORGET_MS = 30 * 60_000;

export function createLeftToSweep({ store, metrics, most, now }: Options): LeftToSweep {
  const bursts = new Map<string, BurstState>();
  const waiting = new Map<string, Left>();

  return {
    isTooMuch({ integrationId }, { read, events, behind }) {
      const known = bursts.get(integrationId) ?? NO_BURST;
      const load = { people: read, behind: estimateBehind(behind, { read, events }), at: now().getTime(), most };
      const { burst, state } = isBurst(known, load);
      bursts.set(integrationId, state);
      return burst;
    },
    took({ integrationId }, part) {
      const known = bursts.get(integrationId);
      if (known) bursts.set(integrationId, afterPart(known, { ...part, at: now().getTime() }));
    },
    async leave(settings, named) {
      const { integrationId, tenantId } = settings;
      const at = now();
      await store.announced.add({ integrationId, userIds: [...named.keys()], at });
      metrics.left.inc(named.size);
      for (const [userId, [event]] of named) {
        const key = toPersonKey(tenantId, userId);
        if (event && waiting.size < MOST_MEASURED && !waiting.has(key))
          waiting.set(key, { event, consumedAt: at, lookedAt: at });
      }
    },
    async measure() {
      const at = now();
      const all = [...waiting];
      metrics.leftOldest.set(Math.max(0, ...all.map(([, { consumedAt }]) => since(consumedAt, at))) / 1_000);
      const some = all.filter(([, left]) => isDue(left, at)).slice(0, LOOK_AT_ONCE);
      if (some.length === 0) return;
      const stored = await store.users.load(some.map(([key]) => key));
      const measures: Measure[] = [];
      for (const [key, left] of some) {
        // Whoever is not yet reached goes to the end, so that all are looked at in turn.
        waiting.delete(key);
        const known = stored.get(key);
        const readAt = known?.facts?.userObservedAt;
        const isReached = readAt !== undefined && readAt > left.event.receivedAt && known?.pending === null;
        if (isReached) measures.push(...measureLeft(left, { readAt, changedAt: known.document.changedAt, at }));
        else if (since(left.consumedAt, at) < FORGET_MS) waiting.set(key, { ...left, lookedAt: at });
      }
      await store.lag.add(measures);
    },
  };
}

const since = (then: Date, at: Date): number => at.getTime() - then.getTime();

/**
 * Again when a tenth more of the time has passed than at the last look: some 75 looks at each in half an hour, and the
 * lag is told at most a tenth too long. The clock may be set back.
 */
const isDue = ({ consumedAt, lookedAt }: Left, at: Date): boolean =>
  Math.abs(since(lookedAt, at)) * 10 >= since(consumedAt, lookedAt);

/** The change is on the feed by now at the latest: what is measured never flatters. */
function measureLeft(
  { event, consumedAt }: Left,
  { readAt, changedAt, at }: { readAt: string; changedAt: string; at: Date },
): Measure[] {
  const times = { consumedAt, readAt: new Date(readAt), writtenAt: new Date(changedAt), publishedAt: at };
  return measureLag(event, changedAt > event.receivedAt, times);
}
