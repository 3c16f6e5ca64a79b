import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { isFailure } from '@muster/contracts';
import { createKafkaEventLog, type EventLog, type KafkaEventLogOptions } from '@muster/event-log';
import { anyPort, createLayout, createStack, startKafka } from '@muster/scripts';
import { createLogger } from '@muster/telemetry';
import { eventually, makeCertificate, testServers } from '@muster/test-support';

const USERNAME = 'muster';
const PASSWORD = randomBytes(18).toString('hex');
const WRONG = randomBytes(18).toString('hex');
const module = (name: string): string => `org.apache.kafka.common.security.${name} required`;

describe('Kafka by TLS', () => {
  const { caFile, tlsCertFile, tlsKeyFile } = testServers();
  const layout = createLayout(join('.muster', `test-${process.pid}`, 'kafka-tls'));
  const stack = createStack(layout, () => undefined);
  const logs: EventLog[] = [];
  let [withLogin, withCertificate, ca] = ['', '', ''];
  let ours: Awaited<ReturnType<typeof makeCertificate>>;

  before(async function () {
    this.timeout(180_000);
    ours = await makeCertificate();
    ca = readFileSync(caFile, 'utf8');
    const ports = { SASL_SSL: await anyPort(), SSL: await anyPort() };
    withLogin = `localhost:${ports.SASL_SSL}`;
    withCertificate = `127.0.0.1:${ports.SSL}`;
    const properties = {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.certificate.chain': readFileSync(tlsCertFile, 'utf8'),
      'ssl.keystore.key': readFileSync(tlsKeyFile, 'utf8'),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': ours.certificate,
      'listener.name.ssl.ssl.client.auth': 'required',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.sasl_ssl.plain.sasl.jaas.config': `${module('plain.PlainLoginModule')} user_${USERNAME}="${PASSWORD}";`,
      'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${module('scram.ScramLoginModule')};`,
      'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${module('scram.ScramLoginModule')};`,
    };
    const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map(
      (mechanism) => `--add-scram=${mechanism}=[name=${USERNAME},password=${PASSWORD}]`,
    );
    const own = { port: await anyPort(), controllerPort: await anyPort() };
    await startKafka(stack, { ...own, more: { ports, properties }, formatWith: users });
  });
  after(async () => {
    for (const log of logs) await log.close();
    await stack.stop();
    rmSync(layout.home, { recursive: true, force: true });
  });

  /** With every line of the log, as loud as it gets. */
  function open(security: Pick<KafkaEventLogOptions, 'tls' | 'login'>, broker = withLogin) {
    const lines: string[] = [];
    const destination = new Writable({
      write: (line: Buffer, _, done) => {
        lines.push(String(line));
        done();
      },
    });
    const logger = createLogger({ service: 'test', level: 'trace', destination });
    const options = { brokers: [broker], clientId: 'test', topicPrefix: `${randomUUID()}.`, logger };
    const log = createKafkaEventLog({ ...options, ...security });
    logs.push(log);
    return { log, said: () => lines.join('') };
  }

  async function assertCarries(log: EventLog): Promise<void> {
    await log.ensureTopics();
    const publisher = log.publisher();
    const seen: unknown[] = [];
    const consumer = log.consumer({
      groupId: 'readers',
      topics: ['changes'],
      fromBeginning: true,
      handle: ({ events }) => {
        for (const { value } of events) seen.push(JSON.parse(String(value)));
        return Promise.resolve();
      },
      onCrash: (error) => seen.push(error),
    });
    await publisher.start();
    await consumer.start();
    await publisher.publish([{ topic: 'changes', key: 'a', value: { text: 'x'.repeat(200_000) } }]);
    await publisher.publish([{ topic: 'changes', key: 'a', value: { number: 2 } }]);
    await eventually(() => seen.length >= 2, { within: 20_000, what: 'both events are read' });
    assert.deepEqual(seen, [{ text: 'x'.repeat(200_000) }, { number: 2 }]);
    await consumer.stop();
    await publisher.stop();
  }

  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const)
    it(`carries events with a login by ${mechanism}, and does not log the password`, async () => {
      const { log, said } = open({ tls: { ca }, login: { mechanism, username: USERNAME, password: PASSWORD } });
      await assertCarries(log);
      assert.ok(!said().includes(PASSWORD));
    });

  it('carries events with a certificate of ours', async () => {
    const { certificate: cert, privateKey: key } = ours;
    const { log, said } = open({ tls: { ca, cert, key } }, withCertificate);
    await assertCarries(log);
    assert.ok(!said().includes(key.split('\n')[1]!));
  });

  /** Both ways in: what asks is told by a Failure, what waits says why in its state. */
  async function assertRefused({ log, said }: ReturnType<typeof open>, why: RegExp): Promise<void> {
    const publisher = log.publisher();
    const starting = publisher.start();
    await assert.rejects(log.lag('nobody', ['changes']), (error: unknown) => {
      assert.ok(isFailure(error) && error.code === 'log.unavailable', String(error));
      assert.match(error.message, why);
      return true;
    });
    const detail = (): string => JSON.stringify(publisher.state());
    await eventually(() => detail().includes('Kafka is not reachable'), { within: 20_000, what: 'the state tells' });
    if (!why.test('not available')) assert.match(detail(), why);
    await publisher.stop();
    await starting;
    assert.match(said(), /kafka not reachable/);
    for (const secret of [PASSWORD, WRONG]) assert.ok(!said().includes(secret));
  }

  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const)
    it(`says that a password is wrong (${mechanism}), and does not log it`, () =>
      assertRefused(
        open({ tls: { ca }, login: { mechanism, username: USERNAME, password: WRONG } }),
        /Kafka refuses the login: check KAFKA_SASL_MECHANISM/,
      ));

  // kafkajs tries each for half a minute, so side by side.
  it('says that a certificate is of an authority that it does not know; is not answered in the clear, nor without the login or certificate that is asked for', () => {
    const login = { mechanism: 'plain' as const, username: USERNAME, password: PASSWORD };
    const stranger = open({ tls: { ca: ours.certificate }, login });
    return Promise.all([
      assertRefused(stranger, /certificate of Kafka is not believed: check KAFKA_CA/),
      assertRefused(open({}), /not available/),
      assertRefused(open({ tls: { ca } }), /not available/),
      assertRefused(open({ tls: { ca } }, withCertificate), /not available/),
    ]);
  });
});
