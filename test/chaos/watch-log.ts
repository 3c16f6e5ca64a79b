import { randomUUID } from 'node:crypto';
import { deadLetter, directoryChange, lifecycleEvent, notificationEvent, type TopicRole } from '@muster/contracts';
import type { Consumer, EventBatch, EventLog, IncomingEvent } from '@muster/event-log';
import { createRevisionChains, type RevisionChains } from './revision-chains.js';

export type LogWatch = {
  /** How often each is in Kafka, by `toNotificationKey` or `toLifecycleKey`; replays of a fault are not counted. */
  readonly notifications: ReadonlyMap<string, number>;
  /** Of whom a notification without a time tells: nobody but a fault sends one. */
  readonly strangers: ReadonlySet<string>;
  /** Dead letters that are no poison, in words. */
  readonly putAside: readonly string[];
  readonly chains: RevisionChains;
  readonly isCaughtUp: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
};

/** Written by whoever replays notifications, so that a replay never stands in for one that was lost. */
export const REPLAYED = 'replayed';
export const toNotificationKey = (subscriptionId: string, entityId: string, changedAt: number): string =>
  `${subscriptionId}/${entityId}/${changedAt}`;
export const toLifecycleKey = (subscriptionId: string, event: string): string => `${subscriptionId}/${event}`;

/** How keys begin of what no service of ours would write: nobody may stumble over it, so neither does the oracle. */
export const POISON = 'poison/';

const HOUR = 3_600_000;
/**
 * Kafka dates an event by the clock of whoever wrote it, which a fault sets wrong by whole hours; it is read within half of
 * one.
 */
export const toRightTime = (timestamp: number, now: number): number =>
  timestamp + Math.round((now - timestamp) / HOUR) * HOUR;

const WATCHED = ['notifications', 'lifecycle', 'changes', 'deadLetters'] as const satisfies TopicRole[];

/** Reads what is in Kafka from the beginning, each event once, whatever happens to Kafka meanwhile. */
export async function watchLog(eventLog: EventLog): Promise<LogWatch> {
  const notifications = new Map<string, number>();
  const strangers = new Set<string>();
  const putAside: string[] = [];
  const chains = createRevisionChains();
  const groupId = `oracle.${randomUUID()}`;
  const next = new Map<string, bigint>();
  let stopping = false;

  const count = (told: string): void => void notifications.set(told, (notifications.get(told) ?? 0) + 1);

  const read = ({ topic, key, value, timestamp }: IncomingEvent): void => {
    if (key?.startsWith(POISON)) return;
    const json: unknown = parseJson(value);
    if (topic === 'changes') {
      // When it was told: read later, it may stand beside an absence that began since.
      chains.add(directoryChange.parse(json), toRightTime(timestamp, Date.now()));
      return;
    }
    if (topic === 'deadLetters') {
      const { origin, reason } = deadLetter.parse(json);
      if (!origin.key?.startsWith(POISON)) putAside.push(`${origin.topic} ${origin.key} was put aside: ${reason.code}`);
      return;
    }
    if (topic === 'lifecycle') {
      const { data } = lifecycleEvent.safeParse(json);
      if (data) count(toLifecycleKey(data.subscriptionId, data.lifecycleEvent));
      return;
    }
    const { data: event } = notificationEvent.safeParse(json);
    if (!event || event.sequenceNumber === REPLAYED) return;
    if (!event.eventTime) {
      if (event.entity === 'user') strangers.add(event.entityId); // the others are canaries
      return;
    }
    count(toNotificationKey(event.subscriptionId, event.entityId, Date.parse(event.eventTime)));
  };
  const handle = ({ topic, partition, events }: EventBatch): Promise<void> => {
    const place = `${topic}/${partition}`;
    for (const event of events) {
      if (BigInt(event.offset) < (next.get(place) ?? 0n)) continue; // ours, once more after a crash
      next.set(place, BigInt(event.offset) + 1n);
      read(event);
    }
    return Promise.resolve();
  };
  const join = async (): Promise<Consumer> => {
    const created = eventLog.consumer({ groupId, topics: WATCHED, fromBeginning: true, handle, onCrash });
    await created.start();
    return created;
  };
  const onCrash = (): void => {
    if (stopping) return;
    joined = joined.then(async (old) => {
      await old.stop().catch(() => undefined);
      return join();
    });
  };
  let joined = join();
  await joined;
  return {
    notifications,
    strangers,
    putAside,
    chains,
    isCaughtUp: async () => (await eventLog.lag(groupId, WATCHED)).every(({ lag }) => lag === 0),
    stop: async () => {
      stopping = true;
      await (await joined).stop();
    },
  };
}

/** Null for whatever is no JSON. */
export function parseJson(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString() ?? 'null');
  } catch {
    return null;
  }
}
