import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { makeCertificate } from '@muster/test-support';
import { mendConnections, type KafkaConnection } from './kafka-connection.js';

type Connection = new (options: object) => KafkaConnection;
const require = createRequire(import.meta.url);
const silent = { debug: () => undefined, error: () => undefined, warn: () => undefined, info: () => undefined };
const logger = { ...silent, namespace: () => logger };

const Encoder = require('kafkajs/src/protocol/encoder.js') as new () => object;

/** A request and an answer as kafkajs has them inside: the answer is handed over as it came. */
const REQUEST = {
  request: { apiKey: 18, apiVersion: 0, apiName: 'Test', encode: () => Promise.resolve(new Encoder()) },
  response: { decode: (payload: Buffer) => Promise.resolve(payload), parse: (payload: Buffer) => payload },
};
const BODY = Buffer.from('an answer of the broker');

/** Of a request: its size, key, version, correlation id. */
function toAnswer(request: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + BODY.length);
  head.writeInt32BE(request.readInt32BE(8), 4);
  return Buffer.concat([head, BODY]);
}

/** TLS has no reset of its own: there the peer is gone without a word of parting. */
const reset = (socket: Socket): Socket => (socket instanceof TLSSocket ? socket.destroy() : socket.resetAndDestroy());

/** As kafkajs makes them; by TLS whoever answers is believed here. */
const TRANSPORTS = {
  'in the clear': { connect, makeServer: () => Promise.resolve(createServer()), event: 'connection' },
  'by TLS': {
    connect: (port: number, host: string, onConnect: () => void): Socket =>
      connectTls({ port, host, rejectUnauthorized: false }, onConnect),
    makeServer: async (): Promise<Server> => {
      const { certificate: cert, privateKey: key } = await makeCertificate();
      return createTlsServer({ cert, key });
    },
    event: 'secureConnection',
  },
};

function openConnection(
  port: number,
  connectBy: (typeof TRANSPORTS)['by TLS']['connect'],
  limits: { requestTimeout?: number; connectionTimeout?: number } = {},
) {
  const Connection = require('kafkajs/src/network/connection.js') as Connection;
  const socketFactory = ({ onConnect }: { onConnect: () => void }) => connectBy(port, '127.0.0.1', onConnect);
  const times = { connectionTimeout: 10_000, requestTimeout: 10_000, ...limits };
  const connection = new Connection({ host: '127.0.0.1', port, logger, socketFactory, ...times });
  return { connection, connected: connection.connect() };
}

for (const [how, transport] of Object.entries(TRANSPORTS))
  describe(`a connection of kafkajs ${how}`, () => {
    let answer: (socket: Socket, request: Buffer) => void = () => undefined;
    const sockets: Socket[] = [];
    let server: Server;
    const take = (socket: Socket): void => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (request) => answer(socket, request));
    };
    const well = (socket: Socket, request: Buffer): void => void socket.write(toAnswer(request));
    before(async () => {
      mendConnections();
      server = (await transport.makeServer()).on(transport.event, take);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });

    const open = async (requestTimeout = 10_000): Promise<KafkaConnection> => {
      const { port } = server.address() as AddressInfo;
      const { connection, connected } = openConnection(port, transport.connect, { requestTimeout });
      await connected;
      return connection;
    };

    it('is one, however many ask for it side by side', async () => {
      const connection = await open();
      answer = well;
      await connection.send(REQUEST);
      const before = sockets.length;
      await connection.disconnect();
      await Promise.all([connection.connect(), connection.connect(), connection.connect()]);
      assert.deepEqual(await connection.send(REQUEST), BODY);
      assert.equal(sockets.length - before, 1);
      await connection.disconnect();
    });

    it('that broke in the middle of an answer is as new when it connects again', async () => {
      const connection = await open();
      answer = (socket, request) => {
        socket.write(toAnswer(request).subarray(0, 10), () => setTimeout(() => reset(socket), 20));
      };
      await assert.rejects(connection.send(REQUEST), /ECONNRESET|Closed connection/);
      answer = well;
      await connection.connect();
      assert.equal(String(await connection.send(REQUEST)), String(BODY));
      await connection.disconnect();
    });

    it('on which a request times out is dropped, and those who wait on it are told', async () => {
      const connection = await open(200);
      answer = () => undefined;
      const dropped = connection.socket!;
      const sent = await Promise.allSettled([connection.send(REQUEST), connection.send(REQUEST)]);
      assert.deepEqual(
        sent.map(({ status }) => status),
        ['rejected', 'rejected'],
      );
      assert.deepEqual([connection.isConnected(), dropped.destroyed], [false, true]);
      answer = well;
      await connection.connect();
      assert.equal(String(await connection.send(REQUEST)), String(BODY));
      await connection.disconnect();
    });
  });

describe('a connection of kafkajs to a peer that takes connections and is silent', () => {
  const taken: Socket[] = [];
  const mute = createServer((socket) => void taken.push(socket));
  let port = 0;
  before(async () => {
    mendConnections();
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    ({ port } = mute.address() as AddressInfo);
  });
  after(() => {
    for (const socket of taken) socket.destroy();
    mute.close();
  });

  it('is not left open when TLS does not begin in time', async () => {
    const { connection, connected } = openConnection(port, TRANSPORTS['by TLS'].connect, { connectionTimeout: 200 });
    await assert.rejects(connected, /Connection timeout/);
    assert.deepEqual([connection.isConnected(), connection.socket?.destroyed], [false, true]);
  });
});
