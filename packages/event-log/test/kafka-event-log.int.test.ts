import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Failure, isFailure, type TopicRole } from '@muster/contracts';
import { createLogger } from '@muster/telemetry';
import { createResources, eventually, testServers } from '@muster/test-support';
import { createKafkaEventLog, type ConsumerOptions, type EventLog, type IncomingEvent } from '../src/index.js';

const servers = testServers();
const resources = createResources('event-log', servers.mongodbUri);
const logger = createLogger({ service: 'test', level: 'fatal' });
const openLog = (brokers = [servers.kafkaBrokers]): EventLog => {
  const log = createKafkaEventLog({ brokers, clientId: 'test', topicPrefix: resources.prefix, logger });
  resources.onRemove(() => log.close());
  return log;
};
const numberOf = (event: IncomingEvent): number => (JSON.parse(String(event.value)) as { number: number }).number;
const createGate = (): { opened: Promise<void>; open: () => void } => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
};

describe('the event log on Kafka', () => {
  const log = openLog();
  const publisher = log.publisher();
  /** A running consumer of a group of its own, from the beginning. */
  const startConsumer = async (options: Partial<ConsumerOptions> & Pick<ConsumerOptions, 'handle'>) => {
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
  const publish = (topic: TopicRole, keys: readonly string[]): Promise<unknown> =>
    Promise.all(keys.map((key, number) => publisher.publish([{ topic, key, value: { number } }])));
  const total = async (topic: TopicRole): Promise<number> =>
    (await log.lag(randomUUID(), [topic])).reduce((sum, { endOffset }) => sum + Number(endOffset), 0);

  before(async () => {
    await log.ensureTopics();
    await publisher.start();
    resources.onRemove(() => publisher.stop());
  });
  after(() => resources.remove());

  it('creates the topics with their figures, and a second time does nothing', async () => {
    await log.ensureTopics();
    const partitions = await log.lag(randomUUID(), ['notifications', 'lifecycle']);
    assert.equal(partitions.filter(({ topic }) => topic === 'notifications').length, 12);
    assert.equal(partitions.filter(({ topic }) => topic === 'lifecycle').length, 1);
  });

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
    await eventually(() => [...seen.values()].flat().length === keys.length, { what: 'all events' });
    for (const [key, numbers] of seen)
      assert.deepEqual(
        numbers,
        keys.flatMap((other, number) => (other === key ? [number] : [])),
      );
    assert.ok(new Set(partitionOf.values()).size > 3, 'keys spread over partitions');
  });

  it('puts an event on the partition that it names', async () => {
    const before = await log.lag('nobody', ['observations']);
    await publisher.publish(
      before.map(({ partition }) => ({ topic: 'observations', key: 'end-mark', value: {}, partition })),
    );
    const after = await log.lag('nobody', ['observations']);
    assert.deepEqual(
      after.map(({ endOffset }) => Number(endOffset)),
      before.map(({ endOffset }) => Number(endOffset) + 1),
    );
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
      took.push((await eventually(() => arrivals.get(key), { every: 1 })) - begun);
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
    await eventually(async () => (await lagOf()).lag === 0, { what: 'all committed' });
    assert.deepEqual(tries, [[0, 1], [2, 3], [2, 3], [4]]);
    assert.equal(consumer.state().status, 'running');
  });

  it('keeps the other partitions flowing while one waits', async () => {
    const handled = new Map<number, number>();
    let refusals = 0;
    await startConsumer({
      handle: ({ partition, events }) => {
        if (partition === 3 && (refusals += 1) < 4)
          return Promise.reject(new Failure('store.unavailable', 'away', { retryable: true }));
        handled.set(partition, (handled.get(partition) ?? 0) + events.length);
        if (partition === 11) assert.ok(refusals < 4, 'the last partition did not wait for the third');
        return Promise.resolve();
      },
    });
    const ends = await log.lag('nobody', ['notifications']);
    const all = (): boolean => ends.every(({ partition, lag }) => (handled.get(partition) ?? 0) === lag);
    await eventually(all, { within: 10_000, what: 'all partitions' });
    assert.ok(refusals >= 4);
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
    await eventually(() => crashes.length > 0);
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
    await eventually(() => one.assignment().get('notifications')?.length === 6, { within: 10_000 });
    const both = [one, other].flatMap((consumer) => consumer.assignment().get('notifications') ?? []);
    assert.deepEqual(
      both.sort((a, b) => a - b),
      Array.from({ length: 12 }, (_, index) => index),
    );
    await other.stop();
    assert.equal(other.state().status, 'stopped');
    await eventually(() => one.assignment().get('notifications')?.length === 12, { within: 10_000 });
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
          if (name === 'slow' && seen.length === 1) await eventually(() => !isMine(), { within: 20_000 });
        },
      });
    await startShared('slow');
    await eventually(() => seen.length === 1);
    await startShared('quick');
    await eventually(async () => (await log.lag(groupId, ['lifecycle']))[0]!.lag === 0, { within: 10_000 });
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
    await eventually(() => begun === 1);
    const stopping = consumer.stop();
    gate.open();
    await stopping;
    assert.equal(begun, 1);
    assert.equal((await log.lag(groupId, ['requests']))[0]?.committedOffset, '1');
  });

  it('holds a paused partition until it is resumed', async () => {
    const handled = new Set<number>();
    const consumer = await startConsumer({
      handle: ({ partition }) => {
        handled.add(partition);
        return Promise.resolve();
      },
      onAssigned: () => Promise.resolve(),
    });
    await eventually(() => handled.size > 3);
    const [partition = 0] = handled;
    consumer.pause('notifications', partition);
    handled.clear();
    const push = () =>
      publisher.publish(
        [0, 1, 2].map((offset) => ({
          topic: 'notifications',
          key: 'k',
          value: {},
          partition: (partition + offset) % 12,
        })),
      );
    await push();
    await eventually(() => handled.size === 2);
    assert.ok(!handled.has(partition));
    consumer.resume('notifications', partition);
    await eventually(() => handled.has(partition));
  });

  it('reads the newest events, newest first, and leaves no group behind', async () => {
    await publish('deadLetters', ['a', 'b', 'c', 'd']);
    const newest = await log.readNewest('deadLetters', 3);
    assert.deepEqual(newest.map(numberOf).length, 3);
    assert.deepEqual(
      newest.map(({ offset }) => Number(offset)),
      [3, 2, 1],
    );
    assert.deepEqual(await log.readNewest('changes', 3), []);
  });

  it('acknowledges what was published before stop, and refuses afterwards', async () => {
    const short = log.publisher();
    await short.start();
    assert.equal(short.state().status, 'running');
    const count = await total('changes');
    const publishing = Promise.all(
      Array.from({ length: 200 }, (_, number) =>
        short.publish([{ topic: 'changes', key: String(number), value: { number } }]),
      ),
    );
    await short.stop();
    await publishing;
    assert.equal(await total('changes'), count + 200);
    await assert.rejects(short.publish([{ topic: 'changes', key: 'x', value: {} }]), /stopped/);
  });

  it('refuses what is over the limit of waiting bytes, and an event that no broker takes', async () => {
    const small = log.publisher({ maxWaitingBytes: 500 });
    await small.start();
    resources.onRemove(() => small.stop());
    const event = { topic: 'changes' as const, key: 'k', value: { text: 'x'.repeat(300) } };
    const [, second] = await Promise.allSettled([small.publish([event]), small.publish([event])]);
    assert.equal(second.status, 'rejected');
    assert.ok(isFailure(second.reason) && second.reason.code === 'log.overloaded' && second.reason.retryable);
    await assert.rejects(
      publisher.publish([{ ...event, value: { text: 'x'.repeat(1_100_000) } }]),
      (error) => isFailure(error) && error.code === 'log.too-large' && !error.retryable,
    );
  });

  it('sends more than a broker takes at once in several produces', async () => {
    const count = await total('changes');
    const value = { text: 'x'.repeat(100_000) };
    await publisher.publish(Array.from({ length: 40 }, () => ({ topic: 'changes', key: 'same', value })));
    assert.equal(await total('changes'), count + 40);
  });

  it('rejects inside the deadline while no broker can be reached', async () => {
    const cut = openLog(['127.0.0.1:1']).publisher();
    const starting = cut.start();
    const begun = performance.now();
    await assert.rejects(
      cut.publish([{ topic: 'changes', key: 'k', value: {} }], { deadlineMs: 300 }),
      (error) => isFailure(error) && error.code === 'log.unavailable' && error.retryable,
    );
    assert.ok(performance.now() - begun < 1_000);
    assert.equal(cut.state().status, 'starting');
    await cut.stop();
    await assert.rejects(starting, /stopped/);
  });
});
