import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
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

describe('a connection of kafkajs', () => {
  let answer: (socket: Socket, request: Buffer) => void = () => undefined;
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (request) => answer(socket, request));
  });
  const well = (socket: Socket, request: Buffer): void => void socket.write(toAnswer(request));
  before(async () => {
    mendConnections();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const open = async (requestTimeout = 10_000): Promise<KafkaConnection> => {
    const Connection = require('kafkajs/src/network/connection.js') as Connection;
    const { port } = server.address() as AddressInfo;
    const socketFactory = ({ onConnect }: { onConnect: () => void }) => connect(port, '127.0.0.1', onConnect);
    const options = { host: '127.0.0.1', port, logger, socketFactory, connectionTimeout: 10_000, requestTimeout };
    const connection = new Connection(options);
    await connection.connect();
    return connection;
  };

  it('that broke in the middle of an answer is as new when it connects again', async () => {
    const connection = await open();
    answer = (socket, request) => {
      socket.write(toAnswer(request).subarray(0, 10), () => setTimeout(() => socket.resetAndDestroy(), 20));
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
