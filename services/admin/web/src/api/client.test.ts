import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, call } from './client.js';

describe('a call of the API by a page', () => {
  let server: Server;
  let root: string;
  before(async () => {
    // It begins its answers, and ends none.
    server = createServer((_request, response) => response.writeHead(200).write('{'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('says that nobody answers when a read hangs, also in the middle of the answer', () =>
    assert.rejects(
      call('GET', '/status', { root, withinMs: 50 }),
      (error) => error instanceof ApiError && error.status === 0,
    ));

  it('ends as aborted when the page no longer wants it', () =>
    assert.rejects(call('GET', '/status', { root, signal: AbortSignal.abort() }), {
      name: 'AbortError',
    }));
});
