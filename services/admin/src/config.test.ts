import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { loadConfig, maskedConfig } from '@muster/config';
import { configSchema, type Config } from './config.js';

const TENANT = '11111111-1111-1111-1111-111111111111';
const load = (env: Record<string, string>): Config =>
  loadConfig(configSchema, {
    KAFKA_BROKERS: 'a:1',
    MONGODB_URI: 'mongodb://a:1/db',
    MUSTER_KEYS: randomBytes(32).toString('base64'),
    ...env,
  });

describe('the config of admin', () => {
  it('tells the log how many operators there are, not who', () => {
    const config = load({ OPERATORS: `${TENANT}/ada@example.org, ${TENANT}/group:${TENANT}` });
    const told = maskedConfig(config);
    assert.equal(told['OPERATORS'], '[2 named]');
    assert.ok(!JSON.stringify(told).includes('ada'));
    assert.deepEqual(config.OPERATORS.reveal(), [`${TENANT}/ada@example.org`, `${TENANT}/group:${TENANT}`]);
  });
});
