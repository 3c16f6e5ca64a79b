import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../clock.js';
import { createLocalTls } from '../local-tls.js';
import { createPost } from './post.js';

describe('posting to a receiver', () => {
  it('trusts the authorities that it is given, besides those of node, and no others', async () => {
    const { ca, cert, key } = await createLocalTls(Date.now());
    const receiver = createServer({ cert, key }, (_request, response) => {
      response.writeHead(202).end();
    }).listen(0);
    const url = `https://localhost:${(receiver.address() as AddressInfo).port}/`;
    const message = { body: '{}', contentType: 'application/json', timeout: 5_000 };
    const trusting = createPost(systemClock, [ca]);
    const doubting = createPost(systemClock);
    try {
      const posted = await trusting.post(url, message);
      assert.deepEqual(typeof posted === 'string' ? posted : posted.status, 202);
      assert.equal(await doubting.post(url, message), 'failed');
    } finally {
      for (const { close } of [trusting, doubting]) close();
      receiver.close();
      receiver.closeAllConnections();
    }
  });
});
