import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { loadConfig } from '@muster/config';
import { createLifecycle, systemNow } from '@muster/runtime';
import { createLogger, createMetrics } from '@muster/telemetry';
import { createResources, eventually, freePort, testServers } from '@muster/test-support';
import supertest from 'supertest';
import { configSchema } from '../src/config.js';
import { createService } from '../src/service.js';

describe('admin where no Kafka answers at its start', () => {
  const { kafkaBrokers, mongodbUri } = testServers();
  const resources = createResources('without-kafka', mongodbUri);
  after(() => resources.remove());

  it('has its pages up and waits, and goes on once Kafka is there', async () => {
    const port = await freePort();
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ service: 'admin', level: 'warn', destination });
    const config = loadConfig(configSchema, {
      ...{ KAFKA_BROKERS: `127.0.0.1:${port}`, KAFKA_TOPIC_PREFIX: resources.prefix },
      MONGODB_URI: resources.mongodbUri,
      MUSTER_KEYS: randomBytes(32).toString('base64'),
    });
    const metrics = createMetrics({ service: 'admin' });
    const fail = (error: unknown): void => assert.fail(error as Error);
    const { app, parts } = await createService({ config, logger, metrics, now: systemNow, fail });
    const lifecycle = createLifecycle(logger);
    const started = lifecycle.start(parts).then(
      () => null,
      (error: unknown) => error,
    );
    resources.onRemove(lifecycle.stop);
    // Whoever gives up does so with the first of these.
    const hasWaited = (): boolean => lines.some((line) => line.includes('topics cannot be made sure of'));
    const first = await Promise.race([started, eventually(hasWaited, { within: 40_000, what: 'it has tried once' })]);
    assert.equal(first, true, 'it goes on trying');
    await supertest(app!).get('/').expect(200);

    // Kafka names its own address to whoever has asked it once.
    const [host, kafkaPort] = kafkaBrokers.split(',')[0]!.split(':');
    const server = createServer((client) => {
      const broker = connect(Number(kafkaPort), host);
      client.pipe(broker).pipe(client);
      for (const [socket, other] of [
        [client, broker],
        [broker, client],
      ] as const)
        socket.on('error', () => other.destroy());
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    resources.onRemove(() => Promise.resolve(server.close()));
    assert.equal(await started, null);
  });
});
