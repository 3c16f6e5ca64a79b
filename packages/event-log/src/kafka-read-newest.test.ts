import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import type { Admin, ConsumerRunConfig, EachBatchPayload } from 'kafkajs';
import { createKafka, EVENTS } from '../test/stand-in-kafka.js';
import { readNewestEvents } from './kafka-read-newest.js';
import { createTopicNames } from './kafka-topic-names.js';

const END = 10;
const admin = {
  fetchTopicOffsets: () => Promise.resolve([{ partition: 0, offset: '10', low: '0', high: String(END) }]),
  deleteGroups: () => Promise.resolve([]),
} as unknown as Admin;

/** Kafka is read from the older to the newer. */
const take = ({ eachBatch }: ConsumerRunConfig, from: number, end: number): Promise<void> => {
  const messages = Array.from({ length: end - from }, (_, index) => ({
    ...{ offset: String(from + index), key: null, value: null, timestamp: '0' },
  }));
  const batch = { topic: 'sync.requests', partition: 0, messages, lastOffset: () => String(end - 1) };
  return eachBatch!({ batch } as unknown as EachBatchPayload);
};
const read = (
  run: (config: ConsumerRunConfig, emitter: EventEmitter) => unknown,
  { silentMs = 20, seek = (): void => undefined } = {},
) =>
  readNewestEvents({
    ...{ kafka: createKafka(run, { seek }), admin, names: createTopicNames('') },
    ...{ topic: 'requests', limit: 100, silentMs },
  });

describe('the newest events', () => {
  it('are not answered in part: what comes last is the newest', async () => {
    const half = read((config) => take(config, 0, END / 2));
    await assert.rejects(half, { code: 'log.unavailable', retryable: true, message: /sync.requests .*nothing came/ });
  });

  it('are not answered in part either when their consumer is gone, and it is not waited for', async () => {
    const half = read(
      async (config, emitter) => {
        await take(config, 0, END / 2);
        emitter.emit(EVENTS.CRASH, { payload: { error: new Error('no broker'), restart: false } });
      },
      { silentMs: 60_000 },
    );
    await assert.rejects(half, /only a part of sync.requests .*no broker/);
  });

  it('say why where their consumer cannot join, though kafkajs knows no place to read from then', async () => {
    const seek = (): never => assert.fail('Consumer group was not initialized');
    const crash = (emitter: EventEmitter) =>
      emitter.emit(EVENTS.CRASH, { payload: { error: new Error('no coordinator'), restart: false } });
    await assert.rejects(
      read((_config, emitter) => crash(emitter), { seek }),
      /sync.requests .*no coordinator/,
    );
  });

  it('may take long, for as long as they come', async () => {
    const events = await read(
      (config) => {
        void (async () => {
          for (let from = 0; from < END; from += 1) {
            await new Promise((resolve) => setTimeout(resolve, 30));
            await take(config, from, from + 1);
          }
        })();
      },
      { silentMs: 200 },
    );
    assert.deepEqual(
      events.map(({ offset }) => Number(offset)),
      [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    );
  });
});
