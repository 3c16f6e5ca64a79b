import { connect } from 'node:net';

/** Sends one request and settles with the first bytes of the answer. */
function ask(port: number, request: Buffer, host = '127.0.0.1'): Promise<Buffer> {
  return new Promise((settle, fail) => {
    const socket = connect({ port, host });
    socket.setTimeout(2000, () => socket.destroy(new Error(`no answer from ${host}:${port}`)));
    socket.once('error', fail);
    socket.once('connect', () => socket.write(request));
    socket.once('data', (answer) => {
      socket.destroy();
      settle(answer);
    });
    socket.once('close', () => fail(new Error(`${host}:${port} closed the connection`)));
  });
}

/** Kafka protocol, ApiVersions v0 (api key 18): length, key, version, correlation id, client id. */
export async function answersKafka(port: number): Promise<boolean> {
  const client = Buffer.from('muster');
  const request = Buffer.alloc(14 + client.length);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(18, 4);
  request.writeInt16BE(0, 6);
  request.writeInt32BE(7, 8);
  request.writeInt16BE(client.length, 12);
  client.copy(request, 14);
  const answer = await ask(port, request);
  return answer.length >= 10 && answer.readInt32BE(4) === 7 && answer.readInt16BE(8) === 0;
}

/** MongoDB wire protocol, OP_MSG (2013) with `{ hello: 1, $db: "admin" }` as BSON. */
export async function answersMongo(port: number): Promise<boolean> {
  const one = Buffer.alloc(4);
  one.writeInt32LE(1);
  const database = Buffer.from('admin\0');
  const length = Buffer.alloc(4);
  length.writeInt32LE(database.length);
  const fields = Buffer.concat([
    Buffer.from('\x10hello\0'),
    one,
    Buffer.from('\x02$db\0'),
    length,
    database,
    Buffer.from('\0'),
  ]);
  const size = Buffer.alloc(4);
  size.writeInt32LE(fields.length + 4);
  const header = Buffer.alloc(21);
  header.writeInt32LE(21 + 4 + fields.length, 0);
  header.writeInt32LE(7, 4);
  header.writeInt32LE(2013, 12);
  const answer = await ask(port, Buffer.concat([header, size, fields]));
  return answer.length > 16 && answer.readInt32LE(8) === 7;
}
