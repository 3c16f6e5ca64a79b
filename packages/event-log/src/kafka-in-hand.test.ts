import assert from 'node:assert/strict';
import { createLogger, createMetrics } from '@muster/telemetry';
import { createInHand } from './kafka-in-hand.js';

const onStuck = (error: Error): void => assert.fail(error);

describe('createInHand', () => {
  it('tells the age of the oldest chunk of a topic, and none when all are done with', async () => {
    const metrics = createMetrics({ service: 'test' });
    let now = 5_000;
    const logger = createLogger({ service: 'test', level: 'silent' });
    const inHand = createInHand({ groupId: 'group', logger, metrics, elapsedMs: () => now, onStuck });
    const ages = async (): Promise<string[]> =>
      (await metrics.text()).split('\n').filter((line) => line.startsWith('muster_event_batch_age_seconds'));
    const line = (topic: string, seconds: number): string =>
      `muster_event_batch_age_seconds{group="group",topic="${topic}",service="test"} ${seconds}`;

    const old = inHand.begin('observations', 0);
    now += 2_000;
    const young = inHand.begin('observations', 1);
    const other = inHand.begin('sweeps', 0);
    now += 1_000;
    for (const chunk of [young, other]) chunk.look();
    assert.deepEqual(await ages(), [line('observations', 3), line('sweeps', 1)]);
    old.end();
    assert.deepEqual(await ages(), [line('observations', 1), line('sweeps', 1)]);
    young.end();
    other.end();
    assert.deepEqual(await ages(), [line('observations', 0), line('sweeps', 0)]);
  });

  it('says once, after a minute, which chunk stands still', () => {
    const said: string[] = [];
    const logger = Object.assign(createLogger({ service: 'test', level: 'silent' }), {
      warn: ({ topic, partition }: { topic: string; partition: number }) => said.push(`${topic}/${partition}`),
    });
    let now = 0;
    const { look } = createInHand({ groupId: 'group', logger, elapsedMs: () => now, onStuck }).begin('observations', 7);
    for (now of [59_000, 60_000, 61_000, 122_000]) {
      look();
      assert.deepEqual(said, now < 60_000 ? [] : ['observations/7']);
    }
  });

  it('gives up a chunk that stands still for a quarter of an hour, not one that goes on', () => {
    const logger = createLogger({ service: 'test', level: 'silent' });
    const stuck: string[] = [];
    let now = 0;
    const inHand = createInHand({
      ...{ groupId: 'group', logger, elapsedMs: () => now },
      onStuck: ({ message }) => stuck.push(message),
    });
    const slow = inHand.begin('lifecycle', 1);
    const still = inHand.begin('observations', 7);
    now = 899_000;
    slow.moved();
    for (const chunk of [slow, still]) chunk.look();
    assert.deepEqual(stuck, []);
    now = 900_000;
    for (const chunk of [slow, still]) chunk.look();
    assert.deepEqual(stuck, ['events of observations/7 stand still for 15 min']);
  });
});
