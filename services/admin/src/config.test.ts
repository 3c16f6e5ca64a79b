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
  it('takes http for the pages on loopback only: elsewhere the session cookie would go unprotected', () => {
    for (const url of ['http://localhost:4000', 'http://127.0.0.1:4000', 'http://[::1]:4000', 'https://muster.example'])
      assert.equal(load({ PUBLIC_ADMIN_URL: url }).PUBLIC_ADMIN_URL, url);
    for (const url of [
      'http://muster.example',
      'http://10.0.0.1:4000',
      'http://localhost.example',
      'http://127.example',
    ])
      assert.throws(() => load({ PUBLIC_ADMIN_URL: url }), /PUBLIC_ADMIN_URL is http .* put a proxy .* https/, url);
  });

  it('tells the log how many operators there are, not who', () => {
    const config = load({ OPERATORS: `${TENANT}/ada@example.org, ${TENANT}/group:${TENANT}` });
    const told = maskedConfig(config);
    assert.equal(told['OPERATORS'], '[2 named]');
    assert.ok(!JSON.stringify(told).includes('ada'));
    assert.deepEqual(config.OPERATORS.reveal(), [`${TENANT}/ada@example.org`, `${TENANT}/group:${TENANT}`]);
  });
});
