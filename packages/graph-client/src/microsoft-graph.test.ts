import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClockSkew } from './clock-skew.js';
import { createTransport } from './microsoft-graph.js';

const HOUR = 3_600_000;

describe('the time of a read', () => {
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (!request.url?.endsWith('/slow')) response.end('{}');
    else {
      response.flushHeaders();
      held.push(response);
    }
  });
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  it('is Graph’s, though our clock is set before the body has come, and another answer tells so', async () => {
    let ahead = HOUR;
    let onAnswer = (): void => undefined;
    const transport = createTransport({
      graphUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      acquireToken: () => Promise.resolve('token'),
      skew: createClockSkew(() => ahead),
      now: () => Date.now() + ahead,
      onAnswer: () => onAnswer(),
    });
    const read = (path: string) => transport({ method: 'GET', path, what: 'read' });
    await read('/fast');
    const answered = new Promise<void>((resolve) => (onAnswer = resolve));
    const slow = read('/slow');
    await answered;
    ahead = -HOUR;
    await read('/fast');
    held[0]?.end('{}');
    const { observedAt } = await slow;
    assert.ok(Math.abs(Date.parse(observedAt) - Date.now()) < 10_000, `observed at ${observedAt}`);
  });
});
