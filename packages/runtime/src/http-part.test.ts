import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '@muster/test-support';
import { httpPart, PATIENCE } from './http-part.js';

/** One request over a connection that the client would keep. */
function ask(agent: Agent, port: number): Promise<{ body: string; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    get({ agent, port, host: '127.0.0.1' }, (response) => {
      text(response).then((body) => resolve({ body, connection: response.headers.connection }), reject);
    }).on('error', reject);
  });
}

describe('httpPart', () => {
  it('ends kept-alive connections with their next answer once it is stopping, instead of waiting for the cut', async () => {
    const held: (() => void)[] = [];
    let taken: () => void = () => undefined;
    const firstTaken = new Promise<void>((resolve) => (taken = resolve));
    const listener: RequestListener = (_request, response) => {
      held.push(() => response.end('done'));
      taken();
    };
    const part = httpPart({ name: 'http', listener, port: 0, drainMs: 60_000 });
    await part.start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = ask(agent, part.port());
    await firstTaken;
    const stopped = part.stop();
    held[0]?.();
    assert.deepEqual(await first, { body: 'done', connection: 'close' });
    await stopped;
    agent.destroy();
  });

  it('ends server-sent events at once when it stops: they never end by themselves', async () => {
    const listener: RequestListener = (_request, response) => {
      response.setHeader('Content-Type', 'text/event-stream').write(': open\n\n');
    };
    const part = httpPart({ name: 'http', listener, port: 0, drainMs: 60_000 });
    await part.start();
    const agent = new Agent({ keepAlive: true });
    const opened = new Promise<IncomingMessage>((resolve, reject) => {
      get({ agent, port: part.port(), host: '127.0.0.1' }, resolve).on('error', reject);
    });
    const body = text(await opened);
    await part.stop();
    assert.equal(await body, ': open\n\n');
    agent.destroy();
  });

  it('cuts off whoever is slow with the headers or the body', async () => {
    const reached: string[] = [];
    const listener: RequestListener = (request, response) => {
      reached.push(request.url ?? '');
      request.resume().on('end', () => response.end());
    };
    const patience = { headersMs: 200, requestMs: 400 };
    const part = httpPart({ name: 'http', listener, port: 0, drainMs: 60_000, patience });
    await part.start();
    const say = (words: string): Promise<string> => {
      const socket = connect(part.port(), '127.0.0.1', () => socket.write(words));
      return text(socket);
    };
    const answers = await Promise.all([
      say('POST /headers HTTP/1.1\r\nHost: a\r\n'),
      say('POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf'),
    ]);
    for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 408 /);
    assert.deepEqual(reached, ['/body']);
    await part.stop();
  });

  it('is patient for 10 s of headers and body, unless told otherwise', () => {
    assert.deepEqual(PATIENCE, { headersMs: 10_000, requestMs: 10_000 });
  });

  it('closes a connection beyond the most, and takes one again once another has left', async () => {
    const listener: RequestListener = (_request, response) => void response.end('done');
    const part = httpPart({ name: 'http', listener, port: 0, drainMs: 100, mostConnections: 2 });
    await part.start();
    const open = async (): Promise<Socket> => {
      const socket = connect(part.port(), '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
    const answerOn = (socket: Socket): Promise<string> => {
      socket.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      return text(socket).catch(() => '');
    };
    const [first, second] = [await open(), await open()];
    try {
      assert.equal(await answerOn(await open()), '');
      assert.match(await answerOn(first), /^HTTP\/1\.1 200 /);
      await eventually(async () => (await answerOn(await open())).startsWith('HTTP/1.1 200 '), { what: 'room again' });
    } finally {
      second.destroy();
      await part.stop();
    }
  });

  it('says which port is in use and what to do', async () => {
    const listener: RequestListener = (_request, response) => void response.end();
    const first = httpPart({ name: 'first', listener, port: 0 });
    await first.start();
    const second = httpPart({ name: 'second', listener, port: first.port() });
    await assert.rejects(second.start(), /second: port \d+ is in use; set PORT to a free one/);
    await first.stop();
  });
});
