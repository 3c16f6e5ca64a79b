import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  deadLetter,
  notificationEvent,
  PROJECTED_TOPICS,
  TOPICS,
  type NotificationEvent,
  type TopicRole,
} from '@muster/contracts';
import type { IncomingEvent, OutgoingEvent, Publisher } from '@muster/event-log';
import { eventually } from '@muster/test-support';
import { untilProjected, type Fault, type Scene } from './fault.js';
import { parseJson, POISON, REPLAYED } from './watch-log.js';

async function withPublisher({ system }: Scene, use: (publish: Publisher['publish']) => Promise<void>): Promise<void> {
  const publisher = system.eventLog.publisher();
  await publisher.start();
  await use(publisher.publish).finally(publisher.stop);
}

const TIMES = 10;
const NEWEST = 300;
const FIRST_OF_EACH = 25;

const readNewest = ({ system }: Scene): Promise<IncomingEvent[]> => system.eventLog.readNewest('notifications', NEWEST);

/** From the beginning of each partition, where nothing has been thrown away yet. */
async function readFirst({ system }: Scene): Promise<IncomingEvent[]> {
  const partitions = Array.from({ length: TOPICS.notifications.partitions }, (_, partition) => partition);
  const offset = String(FIRST_OF_EACH);
  const first = await Promise.all(
    partitions.map((partition) => system.eventLog.readNewest('notifications', FIRST_OF_EACH, { partition, offset })),
  );
  return first.flat();
}

async function replay(scene: Scene, kept: readonly IncomingEvent[], times: number): Promise<void> {
  const events = kept.flatMap(({ key, value }): { key: string; value: NotificationEvent }[] => {
    const { data } = notificationEvent.safeParse(parseJson(value));
    return key === null || !data || data.entity === 'canary'
      ? []
      : [{ key, value: { ...data, sequenceNumber: REPLAYED } }];
  });
  const copies = Array.from({ length: times }, () => events).flat();
  const shuffled: OutgoingEvent[] = scene.random.shuffle(copies).map((event) => ({ topic: 'notifications', ...event }));
  await withPublisher(scene, (publish) => publish(shuffled));
}

/** Each is put aside by the only service that reads it. */
const PUT_ASIDE = ['notifications', 'lifecycle', 'observations', 'sweeps', 'requests'] as const;
/** Its reader skips what it cannot read and says so in its log: the feed is ours, and has no dead letters. */
const SKIPPED = 'changes';
const SKIPS = 'muster.admin.history';

const KINDS: Readonly<Record<string, OutgoingEvent['value']>> = {
  'no shape that we know': { poison: true },
  'a version to come': { version: 2, type: 'user' },
  '900 KB': { version: 1, text: 'x'.repeat(900_000) },
  'bytes that are no text': Uint8Array.of(0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28),
  'JSON that breaks off': Buffer.from('{"version":1,"entityId":"'),
  'a tombstone': null,
};

const toPoison = (topic: TopicRole): (OutgoingEvent & { key: string })[] =>
  Object.entries(KINDS).map(([kind, value]) => ({ topic, value, key: `${POISON}${topic}/${kind}/${randomUUID()}` }));

/** Whatever waits before it comes first; and a partition that is done waits until all that kafkajs fetched with it is handled. */
const BEHIND_OTHERS = { still: 300_000, what: 'the projector has read to the poison' };
const PATIENCE = { within: 120_000, every: 500 };

/** Each goes to the dead letters or is skipped, and what stands behind it is handled. */
async function poison(scene: Scene): Promise<void> {
  const { eventLog } = scene.system;
  const toPutAside = PUT_ASIDE.flatMap(toPoison);
  const keys = toPutAside.map(({ key }) => key);
  await withPublisher(scene, (publish) => publish([...toPutAside, ...toPoison(SKIPPED)]));
  const ends = new Map(
    (await eventLog.lag(SKIPS, [SKIPPED])).map(({ partition, endOffset }) => [partition, endOffset]),
  );
  await untilProjected(scene, { ...BEHIND_OTHERS, topics: PROJECTED_TOPICS });
  const found = await eventually(
    async () => {
      const newest = await eventLog.readNewest('deadLetters', keys.length * 3);
      const letters = newest.map(({ value }) => deadLetter.parse(parseJson(value)).origin.key);
      const ours = letters.filter((key) => key !== null && keys.includes(key));
      const missing = keys.filter((key) => !ours.includes(key));
      if (missing.length > 0) throw new Error(`no dead letter of ${missing.join(', ')}`);
      return ours;
    },
    { ...PATIENCE, what: `${keys.length} poisoned events are dead letters` },
  );
  assert.equal(found.length, keys.length, 'once each');
  await eventually(
    async () => {
      const now = await eventLog.lag(SKIPS, [SKIPPED]);
      return now.every(
        ({ partition, committedOffset }) => BigInt(committedOffset ?? 0) >= BigInt(ends.get(partition) ?? 0),
      );
    },
    { ...PATIENCE, what: `${SKIPS} has read past the poison of the feed` },
  );
}

/** As they are: what they say is old by now, end marks of reads that are over among it. */
async function replayObservations(scene: Scene): Promise<void> {
  const kept = await scene.system.eventLog.readNewest('observations', NEWEST);
  assert.ok(kept.length > 0, 'there were observations');
  const events = kept.flatMap(({ key, value, partition }): OutgoingEvent[] =>
    key === null || value === null || key.startsWith(POISON) ? [] : [{ topic: 'observations', key, value, partition }],
  );
  await withPublisher(scene, (publish) => publish(scene.random.shuffle(events)));
}

export const LOG_FAULTS: readonly Fault[] = [
  { row: `observations: the newest ${NEWEST} once more, shuffled`, strike: replayObservations },
  {
    row: `notifications: the newest ${NEWEST} once more, ${TIMES} times, shuffled`,
    strike: async (scene) => replay(scene, await readNewest(scene), TIMES),
  },
  {
    row: 'notifications: the first ones of the run once more, shuffled',
    strike: async (scene) => {
      const first = await readFirst(scene);
      assert.ok(first.length > 0, 'the log has a beginning');
      await replay(scene, first, 1);
    },
  },
  { row: 'poison on every topic', strike: poison },
];
