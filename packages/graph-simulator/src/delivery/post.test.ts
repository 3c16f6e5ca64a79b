import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSteppedClock, systemClock } from '../clock.js';
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

  it('on a stepped clock a jump does not cut off an answer that is on its way, and ends one that never comes', async () => {
    const { ca, cert, key } = await createLocalTls(Date.now());
    const receiver = createServer({ cert, key }, (request, response) => {
      request.resume();
      if (request.url === '/answers') request.on('end', () => response.writeHead(202).end());
    }).listen(0);
    const url = `https://localhost:${(receiver.address() as AddressInfo).port}`;
    const message = { body: '{}', contentType: 'application/json', timeout: 3_000 };
    const clock = createSteppedClock(Date.now());
    const { post, close } = createPost(clock, [ca]);
    try {
      const posts = [post(`${url}/answers`, message), post(`${url}/hangs`, message)];
      clock.advance(60_000);
      const [answered, hung] = await Promise.all(posts);
      assert.deepEqual([typeof answered === 'string' ? answered : answered!.status, hung], [202, 'timeout']);
    } finally {
      close();
      receiver.close();
      receiver.closeAllConnections();
    }
  });
});
