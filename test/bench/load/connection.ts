import { connect, type Socket } from 'node:net';

/** One keep-alive connection that sends one request after the other; answers the status. */
export type Connection = { send: (request: Buffer) => Promise<number>; close: () => void };

const HEAD_END = '\r\n\r\n';

/** As little HTTP as a client can do, so that the load costs less than what it is put on. Rejects when it breaks. */
export function openConnection(port: number): Promise<Connection> {
  let socket: Socket;
  let text = '';
  let settle: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined;
  const onData = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    const end = text.indexOf(HEAD_END);
    if (end < 0) return;
    const head = text.slice(0, end);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (text.length < end + HEAD_END.length + length) return;
    text = '';
    const waiting = settle;
    settle = undefined;
    waiting?.resolve(Number(head.slice(9, 12)));
  };
  const onEnd = (error?: Error): void => settle?.reject(error ?? new Error('the server closed the connection'));
  return new Promise((opened, failed) => {
    socket = connect({ port, host: '127.0.0.1', noDelay: true }, () =>
      opened({
        send: (request) =>
          new Promise((resolve, reject) => {
            settle = { resolve, reject };
            // Of one that has ended nothing is told any more.
            if (socket.writable) socket.write(request);
            else onEnd();
          }),
        close: () => socket.destroy(),
      }),
    );
    socket.on('data', onData);
    socket.on('error', (error) => {
      failed(error);
      onEnd(error);
    });
    socket.on('close', () => onEnd());
  });
}

export function toRequest(path: string, body: string): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
  return Buffer.from(`${head}${HEAD_END}${body}`);
}
