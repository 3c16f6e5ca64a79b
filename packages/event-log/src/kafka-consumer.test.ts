import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import type { ConsumerRunConfig, EachBatchPayload, Kafka } from 'kafkajs';
import { createLogger } from '@muster/telemetry';
import { createKafka, EVENTS, join, nothing } from '../test/stand-in-kafka.js';
import { createKafkaConsumer } from './kafka-consumer.js';
import { createTopicNames } from './kafka-topic-names.js';

type Crash = { name: string; restart: boolean; cause?: string; message?: string };
function createStubbornKafka(crashes: readonly Crash[]) {
  const left = [...crashes];
  let runs = 0;
  let joined: () => void = () => undefined;
  const inGroup = new Promise<void>((resolve) => (joined = resolve));
  const kafka = createKafka((_config, emitter) => {
    runs += 1;
    const crash = left.shift();
    if (crash) {
      const { message = 'Failed to find group coordinator' } = crash;
      const toError = (name: string): Error => Object.assign(new Error(message), { name });
      const error = toError(crash.name);
      if (crash.cause !== undefined) error.cause = toError(crash.cause);
      emitter.emit(EVENTS.CRASH, { payload: { error, restart: crash.restart } });
    } else {
      join(emitter);
      joined();
    }
  });
  return { kafka, inGroup, runs: () => runs };
}

describe('a consumer whose client gives up', () => {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const create = (kafka: Kafka, onCrash: (error: Error) => void) =>
    createKafkaConsumer({
      kafka,
      names: createTopicNames(''),
      logger,
      sessionTimeoutMs: 10_000,
      options: { groupId: 'group', topics: ['notifications'], handle: () => Promise.resolve(), onCrash },
    });

  it('joins again when a fresh broker had no coordinator yet', async () => {
    const crashes: Error[] = [];
    const coordinator = { name: 'KafkaJSGroupCoordinatorNotFound', restart: false };
    const { kafka, inGroup, runs } = createStubbornKafka([coordinator, coordinator]);
    const consumer = create(kafka, (error) => crashes.push(error));
    await consumer.start();
    await inGroup;
    assert.deepEqual(crashes, []);
    assert.equal(runs(), 3);
    assert.deepEqual(consumer.state(), { status: 'running' });
    await consumer.stop();
  });

  const assertJoinsAgain = async (crash: Crash): Promise<void> => {
    const crashes: Error[] = [];
    const { kafka, inGroup, runs } = createStubbornKafka([crash]);
    const consumer = create(kafka, (error) => crashes.push(error));
    await consumer.start();
    assert.deepEqual(crashes, []);
    await inGroup;
    assert.equal(runs(), 2);
    await consumer.stop();
  };

  it('joins again when a connection that was half-open kept it from its coordinator, which kafkajs wraps', () =>
    assertJoinsAgain({
      ...{ name: 'KafkaJSNonRetriableError', restart: false },
      cause: 'KafkaJSGroupCoordinatorNotFound',
    }));

  const login = (why: string) => ({
    ...{ name: 'KafkaJSNonRetriableError', cause: 'KafkaJSSASLAuthenticationError', restart: false },
    message: `SASL ${why}`,
  });
  for (const why of [
    'PLAIN authentication failed: Request SaslAuthenticate(key: 36, version: 1) timed out',
    'SCRAM SHA512 authentication failed: Connection error: read ECONNRESET',
    'SCRAM SHA256 authentication failed: Closed connection',
  ])
    it(`joins again when the network cut its login, which kafkajs calls a refusal: ${why}`, () =>
      assertJoinsAgain(login(why)));

  for (const why of [
    'PLAIN authentication failed: Authentication failed: Invalid username or password',
    'PLAIN authentication failed: Authentication failed: the directory timed out',
    'SCRAM SHA256 authentication failed: Invalid server signature in server final message',
    'PLAIN mechanism is not supported by the server',
  ])
    it(`ends the service when its login is refused: ${why}`, async () => {
      const crashes: Error[] = [];
      const { kafka, runs } = createStubbornKafka([login(why)]);
      const consumer = create(kafka, (error) => crashes.push(error));
      await consumer.start();
      const { status, detail } = { detail: '', ...consumer.state() };
      assert.deepEqual([crashes.length, runs(), status], [1, 1, 'failed']);
      assert.match(detail, /^Kafka refuses the login: check KAFKA_SASL_MECHANISM/);
      await consumer.stop();
    });

  it('ends the service when there is no hope', async () => {
    const crashes: Error[] = [];
    const { kafka, runs } = createStubbornKafka([{ name: 'KafkaJSSASLAuthenticationError', restart: false }]);
    const consumer = create(kafka, (error) => crashes.push(error));
    await consumer.start();
    assert.equal(crashes.length, 1);
    assert.equal(runs(), 1);
    assert.equal(consumer.state().status, 'failed');
    await consumer.stop();
  });
});

describe('a consumer that is out of its group', () => {
  /** A coordinator that restarts says so once, and answers the next heartbeat as if nothing had been. */
  const notCoordinator = Object.assign(new Error('not the coordinator'), { type: 'NOT_COORDINATOR_FOR_GROUP' });

  it('tells kafkajs with every batch until it joins again, for kafkajs may hear of something else first', async () => {
    let eachBatch: NonNullable<ConsumerRunConfig['eachBatch']> = nothing;
    let rejoin: () => void = () => undefined;
    const kafka = createKafka((config, emitter) => {
      eachBatch = config.eachBatch ?? eachBatch;
      rejoin = () => void join(emitter, { 'graph.notifications': [0] });
      rejoin();
    });
    const handled: string[] = [];
    const consumer = createKafkaConsumer({
      kafka,
      names: createTopicNames(''),
      logger: createLogger({ service: 'test', level: 'silent' }),
      sessionTimeoutMs: 10_000,
      options: {
        ...{ groupId: 'group', topics: ['notifications'] },
        handle: async ({ events: [event], heartbeat }) => {
          handled.push(event?.offset ?? '');
          await heartbeat();
        },
        onCrash: (error) => assert.fail(error),
      },
    });
    await consumer.start();
    const take = (offset: string, heartbeat: () => Promise<void>) =>
      eachBatch({
        batch: {
          ...{ topic: 'graph.notifications', partition: 0, highWatermark: '9' },
          messages: [{ offset, key: null, value: null, timestamp: '0' }],
        },
        ...{ heartbeat, isRunning: () => true, isStale: () => false },
        ...{ commitOffsetsIfNecessary: nothing, resolveOffset: () => undefined },
      } as unknown as EachBatchPayload);
    await assert.rejects(
      take('1', () => Promise.reject(notCoordinator)),
      notCoordinator,
    );
    await assert.rejects(take('1', nothing), notCoordinator);
    assert.deepEqual(handled, ['1'], 'what was not committed is not handled by a member that has left');
    rejoin();
    await take('1', nothing);
    assert.deepEqual(handled, ['1', '1']);
    await consumer.stop();
  });
});

describe('a consumer that kafkajs leaves without heartbeats', () => {
  const start = async (kafka: Kafka, onCrash: (error: Error) => void) => {
    const consumer = createKafkaConsumer({
      ...{ kafka, names: createTopicNames(''), logger: createLogger({ service: 'test', level: 'silent' }) },
      sessionTimeoutMs: 100,
      options: { groupId: 'group', topics: ['notifications'], handle: nothing, onCrash },
    });
    await consumer.start();
    return consumer;
  };

  it('joins again, as a clock set back while it joined would keep it silent', async () => {
    let again: () => void = () => undefined;
    const joinedAgain = new Promise<void>((resolve) => (again = resolve));
    let runs = 0;
    const kafka = createKafka((_config, emitter) => {
      join(emitter);
      if ((runs += 1) === 2) again();
    });
    const consumer = await start(kafka, (error) => assert.fail(error));
    await joinedAgain;
    assert.deepEqual(consumer.state(), { status: 'running' });
    await consumer.stop();
  });

  it('ends the service when kafkajs was the first to restart it', async () => {
    const running = new Error('Cannot subscribe to topic while consumer is running');
    let subscribed = 0;
    const kafka = createKafka((_config, emitter) => join(emitter), {
      subscribe: () => ((subscribed += 1) === 1 ? nothing() : Promise.reject(running)),
    });
    const crashed = await new Promise<Error>((resolve) => void start(kafka, resolve));
    assert.equal(crashed, running);
    assert.equal(subscribed, 2);
  });

  it('joins again though kafkajs was crashing already, and keeps it from joining beside', async () => {
    let toldOf: EventEmitter | undefined;
    let runs = 0;
    let again: () => void = () => undefined;
    const joinedAgain = new Promise<void>((resolve) => (again = resolve));
    const mayRestart: boolean[] = [];
    const kafka = createKafka(
      (_config, emitter) => {
        toldOf = emitter;
        join(emitter);
        if ((runs += 1) === 2) again();
      },
      {
        // As kafkajs does: behind stop and disconnect, which both share, it asks, and then tells.
        disconnect: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          const error = new Error('it was crashing already');
          const restart = (await asked?.(error)) ?? true;
          mayRestart.push(restart);
          toldOf?.emit(EVENTS.CRASH, { payload: { error, restart } });
        },
      },
    );
    let asked: ((error: Error) => Promise<boolean>) | undefined;
    const watched: Pick<Kafka, 'consumer'> = {
      consumer: (config) => {
        asked = config.retry?.restartOnFailure;
        return kafka.consumer(config);
      },
    };
    const consumer = await start(watched as Kafka, (error) => assert.fail(error));
    await joinedAgain;
    assert.deepEqual([runs, mayRestart[0]], [2, false]);
    await consumer.stop();
  });
});
