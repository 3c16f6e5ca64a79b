import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { z } from 'zod';
import { ConfigError, describeConfig, loadConfig, maskedConfig } from './load-config.js';
import { commonFields, duration, httpsOrigin, keyRing, mongoFields } from './fields.js';
import { kafkaFields } from './kafka-fields.js';

const schema = z.object({
  ...commonFields(4001),
  ...kafkaFields(),
  ...mongoFields(),
  KEYS: keyRing().describe('Keys.'),
  URL: httpsOrigin().optional(),
  EVERY: duration('15s').describe('How often.'),
});
const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64');
const good = { KAFKA_BROKERS: 'a:1, b:2', MONGODB_URI: 'mongodb://u:pw@h:1/db', KEYS: key };

describe('loadConfig', () => {
  it('gives typed values with their units and defaults', () => {
    const config = loadConfig(schema, { ...good, EVERY: '3m' });
    assert.deepEqual(config.KAFKA_BROKERS, ['a:1', 'b:2']);
    assert.equal(config.EVERY, 180_000);
    assert.equal(config.PORT, 4001);
    assert.equal(config.KEYS.reveal()[0]?.length, 32);
  });

  it('names every bad variable at once, and what a missing one is for', () => {
    assert.throws(
      () => loadConfig(schema, { KAFKA_BROKERS: 'nonsense', EVERY: 'soon', URL: 'http://x/path', KEYS: 'c2hvcnQ=' }),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.problems.length, 5);
        assert.match(error.message, /MONGODB_URI is not set\. MongoDB connection string/);
        assert.match(error.message, /EVERY is not a duration/);
        return true;
      },
    );
  });

  it('treats an empty variable as absent', () => {
    assert.equal(loadConfig(schema, { ...good, EVERY: '' }).EVERY, 15_000);
  });

  it('refuses a key that is not random', () => {
    const zeros = Buffer.alloc(32).toString('base64');
    assert.throws(() => loadConfig(schema, { ...good, KEYS: zeros }), /not random/);
  });

  it('never shows a secret, however it is printed', () => {
    const config = loadConfig(schema, good);
    for (const text of [inspect(config, { depth: 9 }), JSON.stringify(config), JSON.stringify(maskedConfig(config))]) {
      assert.ok(!text.includes('pw') && !text.includes(key), text);
    }
  });
});

describe('describeConfig', () => {
  it('tells name, meaning, need and default of each variable', () => {
    const fields = new Map(describeConfig(schema).map((field) => [field.name, field]));
    assert.deepEqual(fields.get('EVERY'), {
      name: 'EVERY',
      description: 'How often.',
      required: false,
      fallback: '15s',
    });
    assert.equal(fields.get('KEYS')?.required, true);
    assert.equal(fields.get('PORT')?.fallback, '4001');
  });
});
