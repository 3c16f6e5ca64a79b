import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { Failure } from '@muster/contracts';
import { createLogger } from '@muster/telemetry';
import { createKafka, EVENTS, join, nothing } from '../test/stand-in-kafka.js';
import { createKafkaConsumer } from './kafka-consumer.js';
import { createMembership } from './kafka-membership.js';
import { createTopicNames } from './kafka-topic-names.js';
import { createWelcome } from './kafka-welcome.js';

const away = new Failure('log.unavailable', 'away', { retryable: true });

/** A topic without events; `answers`: what `onAssigned` says, call by call, then that it is done. */
function setUp(answers: readonly (() => Promise<void>)[]) {
  const left = [...answers];
  const crashes: Error[] = [];
  let calls = 0;
  let joined: EventEmitter | undefined;
  let told: () => void = () => undefined;
  const kafka = createKafka((_config, emitter) => {
    joined = emitter;
    join(emitter);
  });
  const consumer = createKafkaConsumer({
    ...{ kafka, names: createTopicNames(''), logger: createLogger({ service: 'test', level: 'silent' }) },
    sessionTimeoutMs: 10_000,
    options: {
      ...{ groupId: 'group', topics: ['requests'], handle: nothing, onCrash: (error) => crashes.push(error) },
      onAssigned: () => {
        calls += 1;
        told();
        return (left.shift() ?? nothing)();
      },
    },
  });
  return {
    consumer,
    crashes,
    calls: () => calls,
    emitter: () => joined!,
    /** The call of that number, counted from 1. */
    called: (number: number) =>
      new Promise<void>((resolve) => {
        told = () => {
          if (calls >= number) resolve();
        };
        told();
      }),
  };
}
/** Longer than the first pause. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400));

describe('what was given to a consumer', () => {
  const fails = () => Promise.reject(away);

  it('is taken up in the end though it failed and no event comes, and then not again', async () => {
    const { consumer, crashes, called, calls } = setUp([fails]);
    await consumer.start();
    await called(2);
    await aWhile();
    assert.equal(calls(), 2);
    assert.deepEqual(crashes, []);
    await consumer.stop();
  });

  it('is let go with the consumer', async () => {
    const { consumer, called, calls } = setUp([fails, fails]);
    await consumer.start();
    await called(1);
    await consumer.stop();
    await aWhile();
    assert.equal(calls(), 1);
  });

  it('is let go with the assignment; what is given next is taken up by itself', async () => {
    const { consumer, called, calls, emitter } = setUp([fails]);
    await consumer.start();
    await called(1);
    emitter().emit(EVENTS.CRASH, { payload: { error: new Error('no broker'), restart: true } });
    await aWhile();
    assert.equal(calls(), 1);
    join(emitter());
    assert.equal(calls(), 2);
    await aWhile();
    assert.equal(calls(), 2);
    await consumer.stop();
  });

  it('ends the service where it fails for good, as a batch does', async () => {
    const bug = new TypeError('a bug');
    const { consumer, crashes, called } = setUp([() => Promise.reject(bug)]);
    await consumer.start();
    await called(1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(crashes, [bug]);
    await consumer.stop();
  });

  it('is waited for by whoever handles a chunk, until the consumer stops', async () => {
    const stopping = new AbortController();
    const welcome = createWelcome({
      ...{ membership: createMembership(), logger: createLogger({ service: 'test', level: 'silent' }) },
      options: { groupId: 'group', onAssigned: () => new Promise(() => undefined) },
      ...{ signal: stopping.signal, fail: () => undefined },
    });
    welcome.begin();
    const handled = welcome.done();
    stopping.abort();
    await assert.rejects(handled, { code: 'log.stopping', retryable: true });
  });
});
