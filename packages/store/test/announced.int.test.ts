import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createResources, patiently, testServers } from '@muster/test-support';
import { connectStore, type Store } from '../src/index.js';
import { silent } from './fixtures.js';

describe('people who were announced and left to a sweep', () => {
  const resources = createResources('announced', testServers().mongodbUri);
  let store: Store;
  before(async () => {
    store = await patiently(() =>
      connectStore({
        uri: resources.mongodbUri,
        logger: silent,
      }),
    );
    resources.onRemove(() => store.close());
  });
  after(() => resources.remove());

  it('are those since a time, and the first of them says since when somebody waits', async () => {
    const [integrationId, other] = [randomUUID(), randomUUID()];
    const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 8, minute));
    for (const minute of [3, 1, 2]) {
      await store.announced.add({ integrationId, userIds: [`${minute}`], at: at(minute) });
      await store.announced.add({ integrationId: other, userIds: ['other'], at: at(0) });
    }
    assert.deepEqual([...(await store.announced.since(integrationId, at(2)))].sort(), ['2', '3']);
    assert.deepEqual(await store.announced.oldest(integrationId, at(2)), at(2));
    assert.deepEqual(await store.announced.oldest(integrationId, at(0)), at(1));
    assert.equal(await store.announced.oldest(integrationId, at(4)), null);
  });
});
