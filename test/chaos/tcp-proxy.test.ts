import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually } from '@muster/test-support';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.js';

describe('the TCP proxy of the fault tests', () => {
  let echo: Server;
  let proxy: TcpProxy;
  const opened: Socket[] = [];
  before(async () => {
    echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
  });
  beforeEach(async () => {
    proxy = await createTcpProxy({ port: (echo.address() as AddressInfo).port });
  });
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await proxy.close();
  });
  after(() => void echo.close());

  /** A client, with what came back to it and how it ended. */
  async function open(port = proxy.port) {
    const socket = connect(port, '127.0.0.1');
    opened.push(socket);
    const seen = { bytes: 0, pieces: 0, closed: false, error: '' };
    socket.on('data', (bytes: Buffer) => {
      seen.bytes += bytes.length;
      seen.pieces += 1;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (seen.error = error.code ?? ''));
    socket.on('close', () => (seen.closed = true));
    await once(socket, 'connect');
    const send = (count: number) => void socket.write(Buffer.alloc(count, 1));
    const came = (count: number) => eventually(() => seen.bytes === count, { what: `${count} bytes came back` });
    return { seen, send, came, socket };
  }

  it('passes everything, in both directions, while nothing is wrong', async () => {
    const { send, came, socket, seen } = await open();
    send(3_000_000);
    await came(3_000_000);
    socket.end();
    await eventually(() => seen.closed && proxy.connections() === 0);
  });

  it('latency delays each piece, and pieces do not wait for each other', async () => {
    const { send, came } = await open();
    proxy.setToxics([{ type: 'latency', latency: 100, stream: 'downstream' }]);
    const begun = performance.now();
    for (let count = 0; count < 50; count += 1) send(10);
    await came(500);
    assert.ok(performance.now() - begun >= 99);
    assert.ok(performance.now() - begun < 2_000, 'fifty pieces are not fifty delays');
  });

  it('dead is half-open: what is sent is gone, nothing ends, and when it is over only new connections work', async () => {
    const { send, came, seen } = await open();
    send(1);
    await came(1);
    proxy.setToxics([{ type: 'dead' }]);
    send(10);
    await eventually(() => proxy.struck() > 0);
    proxy.setToxics([]);
    send(20);
    const other = await open();
    other.send(5);
    await other.came(5);
    assert.deepEqual([seen.bytes, seen.closed], [1, false]);
  });

  it('counts what met the toxics that are set', async () => {
    const { send, came } = await open();
    send(1);
    await came(1);
    assert.equal(proxy.struck(), 0);
    proxy.setToxics([{ type: 'latency', latency: 1 }]);
    send(1);
    await came(2);
    assert.equal(proxy.struck(), 2, 'there and back');
    proxy.setToxics([]);
    send(1);
    await came(3);
    assert.equal(proxy.struck(), 2);
  });

  it('timeout 0: nothing passes, nothing ends, and all comes when it is over', async () => {
    const { send, came, seen } = await open();
    send(1);
    await came(1);
    proxy.setToxics([{ type: 'timeout', timeout: 0, stream: 'upstream' }]);
    send(10);
    // By a healthy way the same has come back meanwhile: so had this, were it let through.
    const healthy = await createTcpProxy({ port: (echo.address() as AddressInfo).port });
    const other = await open(healthy.port);
    other.send(5);
    await other.came(5);
    await healthy.close();
    assert.deepEqual([seen.bytes, seen.closed], [1, false]);
    proxy.setToxics([]);
    await came(11);
  });

  it('timeout ends the connection when its time is up', async () => {
    const { send, seen } = await open();
    proxy.setToxics([{ type: 'timeout', timeout: 30 }]);
    send(10);
    await eventually(() => seen.closed);
    assert.equal(seen.bytes, 0);
  });

  it('reset_peer resets those that are open and those that come', async () => {
    const first = await open();
    proxy.setToxics([{ type: 'reset_peer', timeout: 0 }]);
    await eventually(() => first.seen.error === 'ECONNRESET');
    const second = await open();
    await eventually(() => second.seen.error === 'ECONNRESET');
    proxy.setToxics([]);
    const third = await open();
    third.send(7);
    await third.came(7);
  });

  it('slicer cuts into pieces and loses none', async () => {
    const { send, came, seen } = await open();
    proxy.setToxics([{ type: 'slicer', size: 10, delay: 2, stream: 'downstream' }]);
    send(200);
    await came(200);
    assert.ok(seen.pieces > 5, `${seen.pieces} pieces`);
  });

  it('limit_data lets so much through and ends', async () => {
    const { send, seen } = await open();
    proxy.setToxics([{ type: 'limit_data', bytes: 100, stream: 'downstream' }]);
    send(1_000);
    await eventually(() => seen.closed);
    assert.equal(seen.bytes, 100);
  });

  it('bandwidth is not exceeded', async () => {
    const { send, came } = await open();
    proxy.setToxics([{ type: 'bandwidth', rate: 1_000, stream: 'upstream' }]);
    const begun = performance.now();
    send(200_000);
    await came(200_000);
    assert.ok(performance.now() - begun >= 100, 'two hundred KB at 1,000 KB/s');
  });
});
