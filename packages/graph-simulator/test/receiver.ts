import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export type Received = {
  readonly path: string;
  readonly body: string;
};

/** A tiny endpoint for notifications: answers the handshake, keeps what it is sent, answers as told. */
export const startReceiver = async (tls: { cert: string; key: string }) => {
  const received: Received[] = [];
  const handshakes: string[] = [];
  let status = 202;
  const server = createServer(tls, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://localhost');
    const token = url.searchParams.get('validationToken');
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      if (token !== null) {
        handshakes.push(url.pathname);
        response.writeHead(200, { 'Content-Type': 'text/plain' }).end(token);
        return;
      }
      if (status < 300) received.push({ path: url.pathname, body });
      response.writeHead(status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://localhost:${port}`,
    received,
    handshakes,
    answer: (next: number) => {
      status = next;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
