import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { testServers } from '@muster/test-support';

export type AlertHook = {
  url: string;
  /** Headers and body of each message, as text. */
  got: () => readonly string[];
  stop: () => void;
};

/** The other side of the webhook of alerts, over https on localhost; what proves who may write there is its path. */
export async function startAlertHook(): Promise<AlertHook> {
  const { tlsCertFile, tlsKeyFile } = testServers();
  const [cert, key] = await Promise.all([readFile(tlsCertFile), readFile(tlsKeyFile)]);
  const got: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      got.push(`${JSON.stringify(request.headers)}\n${body}`);
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/alerts/${randomUUID()}`,
    got: () => got,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
