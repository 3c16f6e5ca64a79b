import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { requireGiven } from './given-servers.js';
import { anyPort } from './ports.js';
import { StackError } from './stack-error.js';

const failureOf = (given: Parameters<typeof requireGiven>[0]): Promise<StackError> =>
  requireGiven(given, 20).then(
    () => assert.fail('it was taken'),
    (error: unknown) => (error instanceof StackError ? error : assert.fail(String(error))),
  );

describe('servers that the environment names', () => {
  it('are refused at once when nothing answers there, with the variable, the address and the cure', async () => {
    const port = await anyPort();
    const { message, cure } = await failureOf({ kafkaBrokers: `127.0.0.1:${port}` });
    assert.match(message, new RegExp(`^KAFKA_BROKERS: 127.0.0.1:${port} answers not within .*ECONNREFUSED`));
    assert.match(cure ?? '', /Start it, correct KAFKA_BROKERS, or leave it unset/);
    assert.match(
      (await failureOf({ mongodbUri: `mongodb://u:p%40ss@127.0.0.1:${port}/muster` })).message,
      /^MONGODB_URI/,
    );
  });

  it('are refused when they are not written as the services want them, and no password is shown', async () => {
    assert.match((await failureOf({ kafkaBrokers: 'kafka' })).message, /KAFKA_BROKERS is not a list like/);
    const { message } = await failureOf({ mongodbUri: 'mongodb://u:secret@127.0.0.1:27017' });
    assert.match(message, /MONGODB_URI needs the form .*database name/);
    assert.doesNotMatch(message, /secret/);
  });

  it('are taken when one of several answers, and when none is named', async () => {
    const server = createServer((socket) => socket.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const away = await anyPort();
    await requireGiven({ kafkaBrokers: `127.0.0.1:${away},127.0.0.1:${port}` }, 20);
    await requireGiven({ mongodbUri: `mongodb://127.0.0.1:${away},127.0.0.1:${port}/muster?replicaSet=rs0` }, 20);
    await requireGiven({}, 20);
    server.close();
  });
});
