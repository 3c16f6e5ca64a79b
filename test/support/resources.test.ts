import assert from 'node:assert/strict';
import { createResources } from './resources.js';

const uri = 'mongodb://127.0.0.1:27017/muster?directConnection=true';

describe('test resources', () => {
  it('gives each file a prefix and a database of its own', () => {
    const [one, other] = [createResources('User store', uri), createResources('User store', uri)];
    assert.match(one.prefix, /^user-store-[0-9a-f]{8}\.$/);
    assert.notEqual(one.prefix, other.prefix);
    assert.notEqual(one.databaseName, other.databaseName);
    assert.equal(one.mongodbUri, `mongodb://127.0.0.1:27017/${one.databaseName}?directConnection=true`);
  });

  it('removes last first, all of them, then what is on the servers, and tells the first failure', async () => {
    const removed: (number | string)[] = [];
    const resources = createResources('x', uri, ({ prefix, mongodbUri }) => {
      removed.push(prefix, mongodbUri);
      return Promise.reject(new Error('not cleared'));
    });
    for (const number of [1, 2, 3]) {
      resources.onRemove(() => {
        removed.push(number);
        return number === 2 ? Promise.reject(new Error('refused')) : Promise.resolve();
      });
    }
    await assert.rejects(resources.remove(), /refused/);
    assert.deepEqual(removed, [3, 2, 1, resources.prefix, resources.mongodbUri]);
  });
});
