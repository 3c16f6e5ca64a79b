import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { ConsumerConfig, Kafka } from 'kafkajs';
import { createLogger } from '@muster/telemetry';
import { createKafka, EVENTS, join, nothing } from '../test/stand-in-kafka.js';
import { createKafkaConsumer } from './kafka-consumer.js';
import { createTopicNames } from './kafka-topic-names.js';

const create = (kafka: Kafka, onAssigned = nothing) =>
  createKafkaConsumer({
    ...{ kafka, names: createTopicNames(''), logger: createLogger({ service: 'test', level: 'silent' }) },
    sessionTimeoutMs: 10_000,
    options: {
      ...{ groupId: 'group', topics: ['notifications'], handle: nothing, onAssigned },
      onCrash: (error) => assert.fail(error),
    },
  });
function createGate<T = void>() {
  let open: (value: T) => void = () => undefined;
  const opened = new Promise<T>((resolve) => (open = resolve));
  return { opened, open: (value: T) => open(value) };
}
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a consumer that is stopped while it joins', () => {
  for (const step of ['connect', 'subscribe'] as const)
    it(`does not join behind its stop when ${step} comes late, and leaves nothing open`, async () => {
      const late = createGate();
      const calls: string[] = [];
      const kafka = createKafka(() => calls.push('run'), {
        [step]: async () => {
          await late.opened;
          calls.push(step);
        },
        disconnect: () => Promise.resolve(void calls.push('disconnect')),
      });
      const consumer = create(kafka);
      const starting = consumer.start();
      await soon();
      await consumer.stop();
      late.open();
      await starting;
      assert.deepEqual(calls, ['disconnect', step, 'disconnect']);
      assert.deepEqual(consumer.state(), { status: 'stopped' });
    });

  it('stays stopped when connect fails behind its stop', async () => {
    const late = createGate();
    const kafka = createKafka(nothing, {
      connect: () => late.opened.then(() => Promise.reject(new Error('Connection timeout'))),
    });
    const consumer = create(kafka);
    const starting = consumer.start();
    await consumer.stop();
    late.open();
    await starting;
    assert.deepEqual(consumer.state(), { status: 'stopped' });
  });

  it('leaves the group once it is in it: kafkajs forgets whom it stops before', async () => {
    const inGroup = createGate();
    let isMember = false;
    let told = 0;
    const kafka = createKafka(
      async (_config, emitter) => {
        await inGroup.opened;
        join(emitter);
        isMember = true;
      },
      {
        stop: () => {
          assert.ok(isMember, 'it is forgotten');
          isMember = false;
          return Promise.resolve();
        },
      },
    );
    const consumer = create(kafka, () => Promise.resolve(void (told += 1)));
    const starting = consumer.start();
    await soon();
    const stopping = consumer.stop();
    await soon();
    inGroup.open();
    await Promise.all([starting, stopping]);
    assert.equal(isMember, false);
    assert.equal(told, 0, 'what is given to one that stops is not taken up');
    assert.deepEqual(consumer.state(), { status: 'stopped' });
  });

  it('is thrown out of a join that kafkajs began by itself and ends behind the stop', async () => {
    const running = createGate<EventEmitter>();
    const kafka = createKafka((_config, emitter) => {
      join(emitter);
      emitter.emit(EVENTS.CRASH, { payload: { error: new Error('no broker'), restart: true } });
      running.open(emitter);
    });
    const consumer = create(kafka);
    await consumer.start();
    const emitter = await running.opened;
    await consumer.stop();
    assert.throws(() => join(emitter), /behind its stop/, 'kafkajs gives a join up whose listener throws');
    assert.deepEqual(consumer.state(), { status: 'stopped' });
  });
});

describe('kafkajs, stopped while it joins', () => {
  const require = createRequire(import.meta.url);
  const createConsumer = require('kafkajs/src/consumer/index.js') as (options: object) => unknown;
  const { MemberAssignment } = require('kafkajs/src/consumer/assignerProtocol.js') as {
    MemberAssignment: { encode: (assignment: object) => Buffer };
  };
  const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const logger = { ...silent, namespace: () => logger };

  /** Its consumer, on a cluster of one broker that answers a join once it is allowed. */
  function createGroup() {
    const allowed = createGate();
    const calls: string[] = [];
    let isOver = false;
    const memberAssignment = MemberAssignment.encode({ version: 1, assignment: {}, userData: Buffer.alloc(0) });
    const coordinator = {
      joinGroup: async () => {
        await allowed.opened;
        return { generationId: 1, leaderId: 'other', memberId: 'we', members: [], groupProtocol: 'RoundRobinAssigner' };
      },
      syncGroup: () => Promise.resolve({ memberAssignment }),
      leaveGroup: () => Promise.resolve(calls.push('leaves')),
      heartbeat: () =>
        isOver ? Promise.reject(new TypeError('the test is over')) : Promise.resolve(calls.push('beats')),
    };
    const cluster = {
      ...{ connect: nothing, disconnect: nothing, addMultipleTargetTopics: nothing, refreshMetadata: nothing },
      ...{ refreshMetadataIfNecessary: nothing, findGroupCoordinator: () => Promise.resolve(coordinator) },
      ...{ findTopicPartitionMetadata: () => [], getNodeIds: () => ['1'], findLeaderForPartitions: () => ({}) },
      committedOffsets: () => ({}),
    };
    const kafka = {
      consumer: (config: ConsumerConfig) => createConsumer({ ...config, heartbeatInterval: 1, cluster, logger }),
    } as unknown as Kafka;
    return { kafka, calls, allow: () => allowed.open(), end: () => void (isOver = true) };
  }

  it('has joined by then and leaves, where the join comes in time', async () => {
    const { kafka, calls, allow } = createGroup();
    const consumer = create(kafka);
    const starting = consumer.start();
    await soon();
    const stopping = consumer.stop();
    await soon();
    allow();
    await Promise.all([starting, stopping]);
    assert.equal(calls.at(-1), 'leaves');
  });

  it('does not go on as a member, and falls out of the group with its session, where the join comes later', async () => {
    const { kafka, calls, allow, end } = createGroup();
    const consumer = create(kafka);
    const starting = consumer.start();
    await soon();
    await consumer.stop();
    allow();
    await starting;
    await new Promise((resolve) => setTimeout(resolve, 400));
    end();
    assert.deepEqual(calls, []);
  });
});
