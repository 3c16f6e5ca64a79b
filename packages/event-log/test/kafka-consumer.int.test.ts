import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Failure } from '@muster/contracts';
import { createResources, eventually, testServers } from '@muster/test-support';
import type { Consumer, ConsumerOptions } from '../src/index.js';
import { numberOf, openEventLog } from './open-event-log.js';

const createGate = (): { opened: Promise<void>; open: () => void } => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
};

/** Of a broker that stands still for a while. */
const WITHIN = { within: 30_000 };

describe('a consumer on Kafka', function () {
  this.timeout(180_000);
  const { kafkaBrokers, mongodbUri } = testServers();
  const resources = createResources('consumer', mongodbUri);
  const { log, publisher, start, publish, total } = openEventLog(resources, kafkaBrokers);
  /** A running consumer of a group of its own, from the beginning. */
  const startConsumer = async (
    options: Partial<ConsumerOptions> & Pick<ConsumerOptions, 'handle'>,
  ): Promise<Consumer> => {
    const consumer = log.consumer({
      groupId: randomUUID(),
      topics: ['notifications'],
      fromBeginning: true,
      onCrash: (error) => assert.fail(error),
      ...options,
    });
    resources.onRemove(() => consumer.stop());
    await consumer.start();
    return consumer;
  };
  before(start);
  after(() => resources.remove());

  it('makes one record of each of many publishes at once, in order per key', async () => {
    const keys = Array.from({ length: 1_000 }, (_, index) => `person-${index % 17}`);
    await publish('notifications', keys);
    assert.equal(await total('notifications'), keys.length);

    const seen = new Map<string, number[]>();
    const partitionOf = new Map<string, number>();
    await startConsumer({
      handle: ({ events }) => {
        for (const event of events) {
          const key = event.key!;
          assert.equal(partitionOf.get(key) ?? event.partition, event.partition);
          partitionOf.set(key, event.partition);
          seen.set(key, [...(seen.get(key) ?? []), numberOf(event)]);
        }
        return Promise.resolve();
      },
    });
    await eventually(() => [...seen.values()].flat().length === keys.length, { ...WITHIN, what: 'all events' });
    for (const [key, numbers] of seen)
      assert.deepEqual(
        numbers,
        keys.flatMap((other, number) => (other === key ? [number] : [])),
      );
    assert.ok(new Set(partitionOf.values()).size > 3, 'keys spread over partitions');
  });

  it('brings an event from publish to handle within milliseconds', async () => {
    const arrivals = new Map<string, number>();
    await startConsumer({
      topics: ['lifecycle'],
      handle: ({ events }) => {
        for (const event of events) arrivals.set(event.key!, performance.now());
        return Promise.resolve();
      },
    });
    const took: number[] = [];
    for (let index = 0; index < 30; index += 1) {
      const key = randomUUID();
      const begun = performance.now();
      await publisher.publish([{ topic: 'lifecycle', key, value: {} }]);
      took.push((await eventually(() => arrivals.get(key), { ...WITHIN, every: 1 })) - begun);
    }
    const median = took.sort((a, b) => a - b)[15]!;
    assert.ok(median < 100, `median ${median} ms`);
  });

  it('commits after handle, and a retryable failure brings the same events again without moving on', async () => {
    const groupId = randomUUID();
    const tries: number[][] = [];
    await publish('requests', ['a', 'a', 'a', 'a', 'a']);
    const lagOf = async () => (await log.lag(groupId, ['requests']))[0]!;
    const consumer = await startConsumer({
      groupId,
      topics: ['requests'],
      maxBatch: 2,
      handle: async ({ events }) => {
        tries.push(events.map(numberOf));
        const { committedOffset } = await lagOf();
        if (tries.length === 1) assert.equal(committedOffset, null);
        if (tries.length === 2) throw new Failure('store.unavailable', 'MongoDB is away', { retryable: true });
      },
    });
    await eventually(async () => (await lagOf()).lag === 0, { ...WITHIN, what: 'all committed' });
    assert.deepEqual(tries, [[0, 1], [2, 3], [2, 3], [4]]);
    assert.equal(consumer.state().status, 'running');
  });

  it('keeps the other partitions flowing while one waits', async () => {
    const handled = new Map<number, number>();
    let refusals = 0;
    let lastOfOthers = Infinity;
    const ends = await log.lag('nobody', ['notifications']);
    const slow = ends.find(({ lag }) => lag > 0)?.partition;
    await startConsumer({
      handle: ({ partition, events }) => {
        if (partition === slow && (refusals += 1) < 4)
          return Promise.reject(new Failure('store.unavailable', 'away', { retryable: true }));
        handled.set(partition, (handled.get(partition) ?? 0) + events.length);
        if (partition !== slow) lastOfOthers = refusals;
        return Promise.resolve();
      },
    });
    const all = (): boolean => ends.every(({ partition, lag }) => (handled.get(partition) ?? 0) === lag);
    await eventually(all, { ...WITHIN, what: 'all partitions' });
    assert.ok(refusals >= 4 && lastOfOthers < 4, 'the others did not wait');
  });

  it('ends with a crash when handle fails for an unknown reason, and commits nothing', async () => {
    const groupId = randomUUID();
    const crashes: Error[] = [];
    const consumer = await startConsumer({
      groupId,
      topics: ['requests'],
      handle: () => Promise.reject(new TypeError('a bug')),
      onCrash: (error) => void crashes.push(error),
    });
    await eventually(() => crashes.length > 0, WITHIN);
    assert.equal(crashes[0]?.message, 'a bug');
    assert.equal(consumer.state().status, 'failed');
    await consumer.stop();
    assert.equal((await log.lag(groupId, ['requests']))[0]?.committedOffset, null);
    assert.equal(crashes.length, 1);
  });

  it('shares the partitions of a group, tells who has which, and gives them back', async () => {
    const groupId = randomUUID();
    const told: number[] = [];
    const options: Partial<ConsumerOptions> & Pick<ConsumerOptions, 'handle'> = {
      groupId,
      handle: () => Promise.resolve(),
      onAssigned: (assignment) => {
        told.push(assignment.get('notifications')?.length ?? 0);
        return Promise.resolve();
      },
    };
    const one = await startConsumer(options);
    assert.equal(one.assignment().get('notifications')?.length, 12);
    const other = await startConsumer(options);
    await eventually(() => one.assignment().get('notifications')?.length === 6, WITHIN);
    const both = [one, other].flatMap((consumer) => consumer.assignment().get('notifications') ?? []);
    assert.deepEqual(
      both.sort((a, b) => a - b),
      Array.from({ length: 12 }, (_, index) => index),
    );
    await other.stop();
    assert.equal(other.state().status, 'stopped');
    await eventually(() => one.assignment().get('notifications')?.length === 12, WITHIN);
    assert.deepEqual(told, [12, 6, 6, 12]);
  });

  it('tells a long handle that its partitions went to another, and commits nothing of it', async () => {
    const groupId = randomUUID();
    const seen: string[] = [];
    const startShared = (name: string) =>
      startConsumer({
        groupId,
        topics: ['lifecycle'],
        handle: async ({ isMine }) => {
          seen.push(name);
          if (name === 'slow' && seen.length === 1) await eventually(() => !isMine(), WITHIN);
        },
      });
    await startShared('slow');
    await eventually(() => seen.length === 1, WITHIN);
    await startShared('quick');
    await eventually(async () => (await log.lag(groupId, ['lifecycle']))[0]!.lag === 0, WITHIN);
    assert.ok(seen.length >= 2, 'the events came again');
  });

  it('stops after the chunk under way, with its offset committed', async () => {
    const groupId = randomUUID();
    const gate = createGate();
    let begun = 0;
    const consumer = await startConsumer({
      groupId,
      topics: ['requests'],
      maxBatch: 1,
      handle: async () => {
        begun += 1;
        await gate.opened;
      },
    });
    await eventually(() => begun === 1, WITHIN);
    const stopping = consumer.stop();
    gate.open();
    await stopping;
    assert.equal(begun, 1);
    assert.equal((await log.lag(groupId, ['requests']))[0]?.committedOffset, '1');
  });

  it('holds a paused partition until it is resumed', async () => {
    const groupId = randomUUID();
    const handled = new Set<number>();
    const consumer = await startConsumer({
      groupId,
      handle: ({ partition }) => {
        handled.add(partition);
        return Promise.resolve();
      },
    });
    const partition = 5;
    const others = [6, 7];
    const isThrough = async (): Promise<boolean> =>
      (await log.lag(groupId, ['notifications'])).every(({ lag }) => lag === 0);
    await eventually(isThrough, { ...WITHIN, what: 'all is read' });
    consumer.pause('notifications', partition);
    handled.clear();
    await publisher.publish(
      [partition, ...others].map((to) => ({ topic: 'notifications', key: 'k', value: {}, partition: to })),
    );
    await eventually(() => others.every((other) => handled.has(other)), WITHIN);
    assert.ok(!handled.has(partition));
    consumer.resume('notifications', partition);
    await eventually(() => handled.has(partition), WITHIN);
  });
});
