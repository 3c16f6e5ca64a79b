import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An https server on a free port that answers as told. */
export async function startServer(tls: Pick<ServerOptions, 'cert' | 'key'>, answer: Answer) {
  const server = createServer(tls, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://localhost:${port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What Graph asks of a receiver before it subscribes it: the token, decoded. */
export const answerHandshake: Answer = (request, response) => {
  request.resume();
  const token = new URL(request.url ?? '/', 'https://localhost').searchParams.get('validationToken');
  response.writeHead(token === null ? 202 : 200, { 'Content-Type': 'text/plain' }).end(token ?? '');
};
