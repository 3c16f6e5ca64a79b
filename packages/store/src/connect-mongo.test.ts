import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { isFailure } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import mongoose from 'mongoose';
import { connectStore } from './connect-mongo.js';

const silent = { info: () => undefined, warn: () => undefined };

describe('a start while the database takes connections and says nothing', () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket));
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('fails in the end, may be tried again, and leaves nothing behind', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const uri = `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/muster?directConnection=true`;
    const before = mongoose.connections.length;
    await assert.rejects(
      connectStore({ uri, logger: silent, serverSelectionTimeoutMs: 4_000, connectLimitMs: 50 }),
      (error) => isFailure(error) && error.retryable && error.message === 'MongoDB did not answer within 0.05 s',
    );
    // The driver looks for a server to the end of its own time.
    await eventually(() => mongoose.connections.length === before, { within: 10_000, what: 'nothing is left of it' });
  });
});
