import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { deadLetter, notificationEvent, type NotificationEvent } from '@muster/contracts';
import type { OutgoingEvent, Publisher } from '@muster/event-log';
import { eventually } from '@muster/test-support';
import type { Fault, Scene } from './fault.js';
import { REPLAYED } from './watch-log.js';

async function withPublisher({ system }: Scene, use: (publish: Publisher['publish']) => Promise<void>): Promise<void> {
  const publisher = system.eventLog.publisher();
  await publisher.start();
  await use(publisher.publish).finally(publisher.stop);
}

const TIMES = 10;
const NEWEST = 300;

async function replay(scene: Scene): Promise<void> {
  const newest = await scene.system.eventLog.readNewest('notifications', NEWEST);
  const events = newest.flatMap(({ key, value }): { key: string; value: NotificationEvent }[] => {
    const { data } = notificationEvent.safeParse(JSON.parse(value?.toString() ?? 'null'));
    return key === null || !data || data.entity === 'canary'
      ? []
      : [{ key, value: { ...data, sequenceNumber: REPLAYED } }];
  });
  const copies = Array.from({ length: TIMES }, () => events).flat();
  const shuffled: OutgoingEvent[] = scene.random.shuffle(copies).map((event) => ({ topic: 'notifications', ...event }));
  await withPublisher(scene, (publish) => publish(shuffled));
}

const POISONED = ['notifications', 'lifecycle', 'observations', 'requests'] as const;
const ONE_OF_EACH = POISONED.flatMap((topic) => [
  { topic, kind: 'no shape that we know', value: { poison: true } },
  { topic, kind: 'a version to come', value: { version: 2, type: 'user' } },
  { topic, kind: '900 KB', value: { version: 1, text: 'x'.repeat(900_000) } },
]);

/** Each goes to the dead letters, and what stands behind it is handled. */
async function poison(scene: Scene): Promise<void> {
  const keys = ONE_OF_EACH.map(({ topic, kind }) => `poison/${topic}/${kind}/${randomUUID()}`);
  await withPublisher(scene, (publish) =>
    publish(ONE_OF_EACH.map(({ topic, value }, index) => ({ topic, value, key: keys[index]! }))),
  );
  const found = await eventually(
    async () => {
      const newest = await scene.system.eventLog.readNewest('deadLetters', ONE_OF_EACH.length * 3);
      const letters = newest.map(({ value }) => deadLetter.parse(JSON.parse(value!.toString())).origin.key);
      const ours = letters.filter((key) => key !== null && keys.includes(key));
      const missing = keys.filter((key) => !ours.includes(key));
      if (missing.length > 0) throw new Error(`no dead letter of ${missing.join(', ')}`);
      return ours;
    },
    // Behind whatever waits in its partition.
    { within: 120_000, every: 500, what: `${keys.length} poisoned events are dead letters` },
  );
  assert.equal(found.length, keys.length, 'once each');
}

export const LOG_FAULTS: readonly Fault[] = [
  { row: `notifications: the newest ${NEWEST} once more, ${TIMES} times, shuffled`, strike: replay },
  { row: 'poison on every topic', strike: poison },
];
