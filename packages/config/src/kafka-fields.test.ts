import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { makeCertificate } from '@muster/test-support';
import { kafkaSchema, toKafka } from './kafka-fields.js';
import { ConfigError, loadConfig, maskedConfig } from './load-config.js';

const PASSWORD = 'correct horse battery';
const login = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'muster', KAFKA_SASL_PASSWORD: PASSWORD };
const load = (env: Record<string, string>) => loadConfig(kafkaSchema, { KAFKA_BROKERS: 'kafka:9093', ...env });

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    load(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

describe('the settings of Kafka', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-kafka-'));
  const [cert, key, otherKey, empty] = ['cert', 'key', 'other-key', 'empty'].map((name) => join(folder, `${name}.pem`));
  const ours = { KAFKA_TLS: 'true', KAFKA_CERT_FILE: cert!, KAFKA_KEY_FILE: key! };
  let pem: Awaited<ReturnType<typeof makeCertificate>>;
  before(async () => {
    pem = await makeCertificate();
    writeFileSync(cert!, pem.certificate);
    writeFileSync(key!, pem.privateKey);
    writeFileSync(otherKey!, (await makeCertificate()).privateKey);
    writeFileSync(empty!, 'nothing');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are, without more, those of a broker in the clear', () => {
    const { tls, login: none } = toKafka(load({}));
    assert.deepEqual([tls, none], [undefined, undefined]);
  });

  it('become TLS and a login', () => {
    assert.deepEqual(toKafka(load({ ...ours, ...login, KAFKA_CA_FILE: cert!, KAFKA_TOPIC_PREFIX: 'x.' })), {
      brokers: ['kafka:9093'],
      topicPrefix: 'x.',
      tls: { ca: pem.certificate, cert: pem.certificate, key: pem.privateKey },
      login: { mechanism: 'scram-sha-512', username: 'muster', password: PASSWORD },
    });
  });

  it('print neither password nor key, however they are printed', () => {
    const config = load({ ...ours, ...login });
    const key = pem.privateKey.split('\n')[1]!;
    for (const text of [inspect(config, { depth: 9 }), JSON.stringify(config), JSON.stringify(maskedConfig(config))])
      assert.ok(!text.includes(PASSWORD) && !text.includes(key), text);
    assert.equal(maskedConfig(config).KAFKA_CERT_FILE, cert);
  });

  const TLS = { KAFKA_TLS: 'true' };
  const { KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } = login;
  const REFUSED: [string, Record<string, string>, RegExp[]][] = [
    ['a word that is no switch', { KAFKA_TLS: 'yes' }, [/^KAFKA_TLS is neither true nor false$/]],
    [
      'a mechanism that is unknown',
      { ...TLS, ...login, KAFKA_SASL_MECHANISM: 'gssapi' },
      [/^KAFKA_SASL_MECHANISM is none of plain/],
    ],
    [
      'a mechanism alone',
      { ...TLS, KAFKA_SASL_MECHANISM },
      [
        /^KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME, which is not set; set both/,
        /^KAFKA_SASL_MECHANISM needs KAFKA_SASL_PASSWORD, which is not set; set both/,
      ],
    ],
    [
      'name and password alone',
      { ...TLS, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD },
      [/^KAFKA_SASL_USERNAME needs KAFKA_SASL_MECHANISM/, /^KAFKA_SASL_PASSWORD needs KAFKA_SASL_MECHANISM/],
    ],
    ['a login in the clear', login, [/^KAFKA_SASL_MECHANISM would log in without TLS.*set KAFKA_TLS=true/]],
    [
      'a well-known password',
      { ...TLS, ...login, KAFKA_SASL_PASSWORD: 'changeme' },
      [/^KAFKA_SASL_PASSWORD is a well-known/],
    ],
    [
      'an authority without TLS',
      { KAFKA_CA_FILE: cert! },
      [/^KAFKA_CA_FILE is of no use without TLS; set KAFKA_TLS=true/],
    ],
    ['a certificate alone', { ...TLS, KAFKA_CERT_FILE: cert! }, [/^KAFKA_CERT_FILE needs KAFKA_KEY_FILE/]],
    ['a key alone', { ...TLS, KAFKA_KEY_FILE: key! }, [/^KAFKA_KEY_FILE needs KAFKA_CERT_FILE/]],
    [
      "another's key",
      { ...ours, KAFKA_KEY_FILE: otherKey! },
      [/^KAFKA_KEY_FILE holds another key than that of KAFKA_CERT_FILE/],
    ],
    [
      'a file that is not there',
      { ...TLS, KAFKA_CA_FILE: '/none.pem' },
      [/^KAFKA_CA_FILE names a file .*ENOENT.*\/none.pem; correct/],
    ],
    [
      'a file that holds no certificate',
      { ...TLS, KAFKA_CA_FILE: empty! },
      [/^KAFKA_CA_FILE names a file that does not hold a certificate/],
    ],
    [
      'a file that holds no key',
      { ...ours, KAFKA_KEY_FILE: cert! },
      [/^KAFKA_KEY_FILE names a file that does not hold a private key/],
    ],
  ];
  for (const [what, env, expected] of REFUSED)
    it(`refuse ${what}`, () => {
      const problems = problemsOf(env);
      assert.equal(problems.length, expected.length, problems.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(problems[index]!, pattern);
    });
});
