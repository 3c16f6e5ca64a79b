import assert from 'node:assert/strict';
import { deadLetter, type DeadLetter } from '@muster/contracts';
import { createResources, testServers } from '@muster/test-support';
import { createStatusReader } from '../src/status/read-status.js';
import { OPERATOR_KEY, bearer, startAdmin, type AdminHarness } from './admin-harness.js';

const operator = bearer(OPERATOR_KEY);

describe('dead letters by page, and their replay', () => {
  let admin: AdminHarness;
  before(async () => {
    const { kafkaBrokers: brokers, mongodbUri } = testServers();
    admin = await startAdmin({ resources: createResources('admin dead letters', mongodbUri), brokers });
  });
  after(() => admin.stop());

  const bytes = Buffer.from('{ "no": "event",  }');
  const letter = (origin: Partial<DeadLetter['origin']> & { offset: string }, value: string | null): DeadLetter =>
    deadLetter.parse({
      version: 1,
      origin: { topic: 'graph.notifications', partition: 0, key: `letter/${origin.offset}`, ...origin },
      reason: { code: 'event.not-json', message: 'is not JSON' },
      value,
      at: '2026-01-01T00:00:00.000Z',
    });
  /** Each in a publish of its own, right behind the one before. */
  const send = async (letters: readonly DeadLetter[]) => {
    const publisher = admin.eventLog.publisher();
    await publisher.start();
    for (const value of letters)
      await publisher.publish([{ topic: 'deadLetters', key: value.origin.key ?? 'none', value }]);
    await publisher.stop();
  };
  const list = async (query: string) =>
    (await admin.agent.get(`/api/v1/dead-letters?${query}`).set(operator).expect(200)).body;
  const replay = (partition: number, offset: string) =>
    admin.agent.post(`/api/v1/dead-letters/${partition}/${offset}/replay`).set(operator);

  it('a dead letter is sent to its origin again, the same bytes under the same key, and says so', async () => {
    await send(['1', '2', '3'].map((offset) => letter({ offset }, bytes.toString('base64'))));
    const first = await list('limit=2');
    const second = await list(`limit=2&cursor=${first.nextCursor}`);
    const keys = [...first.items, ...second.items].map(({ origin }) => origin.key);
    assert.deepEqual(keys, ['letter/3', 'letter/2', 'letter/1'], 'page by page, nothing twice');
    assert.equal(second.nextCursor, null);

    const { partition, offset, replayed } = first.items[1];
    assert.equal(replayed, null);
    const { body } = await replay(partition, offset).expect(202);
    assert.equal(body.replayed.times, 1);
    assert.equal((await list('limit=2')).items[1].replayed.at, body.replayed.at);
    assert.equal((await list('limit=2')).items[0].replayed, null, 'that one alone');
    const [again, ...more] = await admin.eventLog.readNewest('notifications', 10);
    assert.deepEqual([again?.key, again?.value], ['letter/2', bytes]);
    assert.deepEqual(more, []);
    assert.equal((await replay(partition, offset).expect(202)).body.replayed.times, 2);
  });

  it('one without a key goes to the partition that it came from; a tombstone stays one', async () => {
    await send([letter({ topic: 'graph.observations', partition: 7, offset: '4', key: null }, null)]);
    const { items } = await list('limit=1');
    await replay(items[0].partition, items[0].offset).expect(202);
    const [again] = await admin.eventLog.readNewest('observations', 1);
    assert.deepEqual([again?.partition, again?.key, again?.value], [7, null, null]);
  });

  it('what has no origin of this build, or is not there, is refused, and nothing is recorded', async () => {
    await send([letter({ topic: 'somebody.elses', offset: '5' }, null)]);
    const { items } = await list('limit=1');
    await replay(items[0].partition, items[0].offset).expect(409);
    assert.equal((await list('limit=1')).items[0].replayed, null);
    await replay(0, '999999').expect(404);
  });

  it('only what Kafka still keeps counts: neither a replay of what it has deleted, nor one long ago forgotten', async () => {
    const { store } = admin;
    for (const offset of ['41', '99', '100', '105'])
      await store.replays.add({ partition: 3, offset, replayedAt: '2020-01-01T00:00:00.000Z', replayedBy: 'test' });
    // Kafka keeps the letters 100 to 109 of partition 3.
    const kept = { topic: 'deadLetters' as const, partition: 3, endOffset: '110', committedOffset: null, lag: 10 };
    const eventLog = { lag: () => Promise.resolve([kept]), oldestWaiting: () => Promise.resolve([]) };
    const { readStatus } = createStatusReader({ store, eventLog, now: () => new Date() });
    const nobody = { actor: 'test', scopes: [], sessionHash: null, keyHash: null, person: null };
    const { pipeline } = await readStatus({ ...nobody, role: 'operator', integrationId: null });
    assert.deepEqual([pipeline.deadLetters, pipeline.deadLettersOpen], [10, 8]);
  });

  it('no secret is shown: not of JSON within its JSON, not of the reason, not of the key; the replay has it all', async () => {
    const secret = 'abc~never-shown';
    const held = JSON.stringify({ value: JSON.stringify({ clientSecret: secret, id: 'u1' }) });
    const key = `letter/${JSON.stringify({ clientState: secret })}`;
    const dead = letter({ offset: '6', key }, Buffer.from(held).toString('base64'));
    await send([{ ...dead, reason: { ...dead.reason, message: `is not JSON: {"client_secret":"${secret}` } }]);
    const { items } = await list('limit=1');
    assert.doesNotMatch(JSON.stringify(items), /never-shown/);
    assert.match(JSON.stringify(items[0].payload), /u1/, 'the rest is');
    await replay(items[0].partition, items[0].offset).expect(202);
    const [again] = await admin.eventLog.readNewest('notifications', 1);
    assert.deepEqual([again?.key, again?.value?.toString()], [key, held]);
  });
});
