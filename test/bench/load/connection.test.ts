import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { openConnection, toRequest } from './connection.js';
import { closedLoop } from './load.js';

const REQUEST = toRequest('/', '{}');
const ANSWER = 'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n';

describe('a connection of the load', () => {
  const servers: Server[] = [];
  const listen = async (onSocket: (socket: Socket) => void): Promise<number> => {
    const server = createServer(onSocket).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('rejects what is sent after the server closed it, and after it was closed itself', async () => {
    let tell = (): void => undefined;
    const closed = new Promise<void>((resolve) => (tell = resolve));
    const left = await openConnection(await listen((socket) => void socket.once('close', tell).resume().end()));
    await closed;
    await assert.rejects(left.send(REQUEST), /closed the connection/);
    const own = await openConnection(await listen(() => undefined));
    own.close();
    await assert.rejects(own.send(REQUEST), /closed the connection/);
  }).timeout(5_000);

  it('rejects what was sent when the server closes it', async () => {
    const port = await listen((socket) => void socket.once('data', () => socket.destroy()));
    const connection = await openConnection(port);
    await assert.rejects(connection.send(REQUEST), /closed the connection|ECONNRESET/);
  }).timeout(5_000);

  it('is followed by another when it breaks under a closed loop, which counts it as no answer', async () => {
    let requests = 0;
    const port = await listen((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => {
        requests += 1;
        // Every tenth is not answered; every tenth connection is closed behind its answer.
        if (requests % 10 === 0) socket.destroy();
        else if (requests % 10 === 5) socket.end(ANSWER);
        else socket.write(ANSWER);
      });
    });
    const { answers } = await closedLoop(port, { connections: 2, seconds: 1, requestOf: () => REQUEST });
    const of = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
    assert.ok(of(202) > 0 && of(0) > 1, `${of(202)} answered, ${of(0)} not`);
    assert.equal(of(202) + of(0), answers.length);
  }).timeout(5_000);
});
