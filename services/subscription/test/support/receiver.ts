import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What Graph asks of a receiver before it subscribes it: the token, decoded. Notifications are taken and dropped. */
export async function startReceiver(tls: { cert: string; key: string }) {
  const handshakes: string[] = [];
  const server = createServer(tls, (request, response) => {
    request.resume();
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
    const token = searchParams.get('validationToken');
    if (token !== null) handshakes.push(pathname);
    response.writeHead(token === null ? 202 : 200, { 'Content-Type': 'text/plain' }).end(token ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://localhost:${port}`,
    handshakes,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
