import assert from 'node:assert/strict';
import { findSecrets } from './find-secrets.js';

/** Put together here, so that this file holds none itself. */
const SAMPLES: Record<string, string> = {
  'a private key': ['-----BEGIN', 'PRIVATE KEY-----\n'].join(' ') + 'MIIEvQ'.repeat(8),
  'a client secret of Entra': `abc8Q~${'x'.repeat(34)}`,
  'a token (JWT)': ['eyJhbGciOiJub25l', 'eyJzdWIiOiJhZGEi', 'c2lnbmF0dXJl'].join('.'),
  "one of Muster's API keys": `muster_${'k'.repeat(43)}`,
  "one of Muster's keys": `MUSTER_KEYS=${'A'.repeat(43)}=`,
  'a password in an address': ['mongodb://admin', 'hunter2hunter2@db.example/muster'].join(':'),
  "Kafka's password": `KAFKA_SASL_PASSWORD=${'Vq3sD9kf'.repeat(3)}`,
  'a key of AWS': `AKIA${'A1'.repeat(8)}`,
  'a key of Google': `AIza${'x'.repeat(35)}`,
  'a token of GitHub': `ghp_${'a'.repeat(36)}`,
  'a token of npm': `npm_${'a'.repeat(36)}`,
  'a token of Slack': `xoxb-${'1'.repeat(12)}`,
};

describe('the scan for secrets', () => {
  for (const [what, sample] of Object.entries(SAMPLES))
    it(`finds ${what}, with its line, and does not repeat it`, () => {
      const found = findSecrets(`one\ntwo ${sample} three\nfour`);
      assert.deepEqual(found, [{ line: 2, what }]);
      assert.ok(!JSON.stringify(found).includes(sample.slice(-12)));
    });

  it('finds a private key that has a password, and a password for a host that only begins like this machine', () => {
    const key = ['-----BEGIN', 'RSA', 'PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n'].join(
      ' ',
    );
    assert.equal(findSecrets(key + 'MIIEvQ'.repeat(8)).length, 1);
    const address = (host: string): string => ['mongodb://admin', `hunter2hunter2@${host}/muster`].join(':');
    assert.equal(findSecrets(address('localhost.example.com')).length, 1);
    assert.deepEqual(findSecrets(address('localhost:27017')), []);
  });

  it('leaves alone what only speaks of secrets', () => {
    const text = [
      'MUSTER_KEYS: ${MUSTER_KEYS:?set it in .env}',
      'clientSecret: ${CONTOSO_SECRET}',
      '`mongodb://${user}:${password}@host`',
      "PemConverter.encode(key, 'PRIVATE KEY')",
      'Authorization: Bearer <key>',
    ];
    assert.deepEqual(findSecrets(text.join('\n')), []);
  });
});
