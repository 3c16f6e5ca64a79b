import assert from 'node:assert/strict';
import { chooseMongo } from './mongo.js';

describe('the database that a run starts', () => {
  it('is the one that is named', async () => {
    assert.equal(await chooseMongo('secantusd-py'), 'secantusd-py');
  });

  it('is none that nobody knows, and the message names those that there are', async () => {
    const cure = 'Name one of mongod, secantusd-rs, secantusd-py, or leave it unset.';
    await assert.rejects(chooseMongo('mysql'), { message: 'MONGO_SERVER is mysql.', cure });
  });

  it('must be on the PATH when it is named', async () => {
    const { PATH } = process.env;
    process.env.PATH = '/nowhere';
    try {
      await assert.rejects(chooseMongo('secantusd-rs'), /MONGO_SERVER is secantusd-rs, which is not on the PATH/);
    } finally {
      process.env.PATH = PATH;
    }
  });
});
