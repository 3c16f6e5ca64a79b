import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createReadBody } from './read-body.js';

const KIB = 1024;

/** A server that answers each body with its length, and refusals with their status. */
async function setUp(limits = { body: 400 * KIB, together: 500 * KIB }) {
  const readBody = createReadBody(limits);
  const server = createServer((request, response) =>
    readBody(request, (error, body) => {
      response.statusCode = body ? 200 : (error as { status: number }).status;
      response.end(String(body?.length));
    }),
  ).listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  /** Begins a body; `end` of what it gives sends the rest. */
  const begin = (first: Buffer, headers: Record<string, string> = {}) => {
    const asked = httpRequest({ port, method: 'POST', headers: { 'transfer-encoding': 'chunked', ...headers } });
    const answered = once(asked, 'response').then(([answer]) => (answer as IncomingMessage).resume().statusCode);
    asked.write(first);
    return { asked, answered };
  };
  const statusOf = async (body: Buffer, headers?: Record<string, string>): Promise<number | undefined> => {
    const { asked, answered } = begin(body, headers);
    asked.end();
    return answered;
  };
  const close = (open: readonly ClientRequest[]): void => {
    for (const asked of open) asked.on('error', () => undefined).destroy();
    server.closeAllConnections();
    server.close();
  };
  return { begin, statusOf, close, server };
}

/** Resolves with the next request once so many bytes of its body have come. */
const received = (server: Server, bytes: number): Promise<IncomingMessage> =>
  new Promise((resolve) => {
    server.once('request', (request: IncomingMessage) => {
      let size = 0;
      request.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size >= bytes) resolve(request);
      });
    });
  });

describe('the bodies that are on their way', () => {
  it('is 503 to a large one beyond what all may hold together; a small one passes, and it is over once they are gone', async () => {
    const { begin, statusOf, close, server } = await setUp();
    for (const leave of ['end', 'destroy'] as const) {
      const slow = begin(Buffer.alloc(300 * KIB));
      slow.answered.catch(() => undefined);
      const request = await received(server, 300 * KIB);
      assert.equal(await statusOf(Buffer.alloc(350 * KIB)), 503);
      assert.equal(await statusOf(Buffer.alloc(150 * KIB)), 200);
      const closed = new Promise((resolve) => request.once('close', resolve));
      slow.asked.on('error', () => undefined)[leave]();
      await closed;
      assert.equal(await statusOf(Buffer.alloc(350 * KIB)), 200, leave);
    }
    close([]);
  });

  it('lets small ones pass though the sum is reached', async () => {
    const { statusOf, close } = await setUp({ body: 400 * KIB, together: 0 });
    assert.equal(await statusOf(Buffer.alloc(60 * KIB)), 200);
    assert.equal(await statusOf(Buffer.alloc(300 * KIB)), 503);
    close([]);
  });

  it('weighs what comes byte by byte by what it costs', async () => {
    const { begin, close } = await setUp({ body: 400 * KIB, together: 100 * KIB });
    const { asked, answered } = begin(Buffer.alloc(1));
    const writeOn = (bytes: number): void => {
      if (bytes > 0) asked.write(Buffer.alloc(1), () => setImmediate(writeOn, bytes - 1));
    };
    writeOn(2_000);
    assert.equal(await answered, 503);
    close([asked]);
  });

  it('is 413 to what is larger than one may be, told or not', async () => {
    const { statusOf, close } = await setUp();
    assert.equal(await statusOf(Buffer.alloc(401 * KIB)), 413);
    assert.equal(await statusOf(Buffer.alloc(400 * KIB)), 200);
    close([]);
  });

  it('is 415 to what is encoded, however small, and takes what only says that it is not', async () => {
    const { statusOf, close } = await setUp();
    for (const encoding of ['gzip', 'br', 'deflate', 'GZIP', 'identity, gzip', 'odd'])
      assert.equal(await statusOf(gzipSync(Buffer.from('{}')), { 'content-encoding': encoding }), 415, encoding);
    for (const encoding of ['identity', 'Identity'])
      assert.equal(await statusOf(Buffer.from('{}'), { 'content-encoding': encoding }), 200, encoding);
    close([]);
  });
});
