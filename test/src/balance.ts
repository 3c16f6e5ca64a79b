import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testServers } from '@muster/test-support';

export type Balancer = {
  port: number;
  /** Takes another upstream; requests are given to them in turn. */
  add: (port: number) => void;
  stop: () => Promise<void>;
};

/**
 * What stands in front of several receivers and ends TLS: request by request, for Graph keeps its connections, past those
 * that take no connection. A request that broke on its way is not sent again, as it may have arrived: that is Graph's.
 */
export async function startBalancer(): Promise<Balancer> {
  const { tlsCertFile, tlsKeyFile } = testServers();
  const [cert, key] = await Promise.all([readFile(tlsCertFile), readFile(tlsKeyFile)]);
  const agent = new Agent({ keepAlive: true });
  const upstreams: number[] = [];
  let turn = 0;

  const forward = (asked: Asked, response: ServerResponse, triesLeft: number): void => {
    const port = upstreams[turn++ % upstreams.length];
    if (port === undefined || triesLeft === 0) {
      response.destroy();
      return;
    }
    const { method, url: path, headers } = asked.request;
    const call = request({ ...{ host: 'localhost', port, agent }, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy()).pipe(response);
    });
    call.on('error', (error: Error & { code?: string }) => {
      if (error.code === 'ECONNREFUSED') forward(asked, response, triesLeft - 1);
      else response.destroy();
    });
    call.end(asked.body);
  };
  const server = createServer({ cert, key, keepAliveTimeout: 65_000 }, (received, response) => {
    const parts: Buffer[] = [];
    received.on('data', (part: Buffer) => parts.push(part)).on('error', () => response.destroy());
    received.on('end', () => forward({ request: received, body: Buffer.concat(parts) }, response, upstreams.length));
  });
  server.listen(0);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    add: (port) => void upstreams.push(port),
    stop: async () => {
      agent.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

type Asked = { request: IncomingMessage; body: Buffer };
