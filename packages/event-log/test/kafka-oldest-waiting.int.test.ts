import assert from 'node:assert/strict';
import { createResources, eventually, testServers } from '@muster/test-support';
import { openEventLog } from './open-event-log.js';

describe('the oldest event that waits for a group', () => {
  const { kafkaBrokers, mongodbUri } = testServers();
  const resources = createResources('oldest-waiting', mongodbUri);
  const { log, publisher, start } = openEventLog(resources, kafkaBrokers);
  const mark = (partition: number) =>
    publisher.publish([{ topic: 'notifications' as const, key: 'mark', value: {}, partition }]);
  const waiting = () => log.oldestWaiting('the-group', ['notifications', 'observations']);
  before(start);
  after(() => resources.remove());

  it('is as old as it is, by partition, and nobody waits behind what was committed', async () => {
    assert.deepEqual(await waiting(), [], 'nothing was published');
    const published = Date.now();
    await mark(2);
    const [first] = await eventually(
      async () => {
        const found = await waiting();
        return (found[0]?.ageMs ?? 0) > 1_500 ? found : undefined;
      },
      { within: 20_000, what: 'it grows older' },
    );
    const passed = Date.now() - published;
    assert.deepEqual([first!.topic, first!.partition, first!.waiting], ['notifications', 2, 1]);
    assert.ok(first!.ageMs <= passed * 1.35 + 200, `${first!.ageMs} ms for one that is at most ${passed} ms old`);
    await mark(2);
    await mark(5);
    const found = new Map((await waiting()).map((one) => [one.partition, one]));
    assert.equal(found.get(2)?.waiting, 2);
    assert.ok((found.get(2)?.ageMs ?? 0) >= first!.ageMs, 'the older one counts');
    assert.ok((found.get(5)?.ageMs ?? Infinity) < (found.get(2)?.ageMs ?? 0));

    const consumer = log.consumer({
      groupId: 'the-group',
      topics: ['notifications'],
      fromBeginning: true,
      handle: () => Promise.resolve(),
      onCrash: (error) => assert.fail(error),
    });
    resources.onRemove(() => consumer.stop());
    await consumer.start();
    await eventually(async () => (await waiting()).length === 0, { within: 20_000, what: 'all was read' });
  });
});
