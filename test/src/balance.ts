import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Balancer = {
  port: number;
  /** Takes another upstream; connections are given to them in turn. */
  add: (port: number) => void;
  stop: () => Promise<void>;
};

/** What stands in front of several receivers: connection by connection, past those that refuse. */
export async function startBalancer(): Promise<Balancer> {
  const upstreams: number[] = [];
  const open = new Set<Socket>();
  let turn = 0;
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => undefined).once('close', () => open.delete(socket));
  };
  const forward = (client: Socket, triesLeft: number): void => {
    const port = upstreams[turn++ % upstreams.length];
    if (port === undefined || triesLeft === 0) {
      client.destroy();
      return;
    }
    const upstream = connect({ port, host: 'localhost' }, () => {
      keep(upstream);
      upstream.removeAllListeners('error').on('error', () => undefined);
      client.pipe(upstream).pipe(client);
      upstream.once('close', () => client.destroy());
      client.once('close', () => upstream.destroy());
    });
    upstream.once('error', () => forward(client, triesLeft - 1));
  };
  const server = createServer((client) => {
    keep(client);
    forward(client, upstreams.length);
  });
  server.listen(0);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    add: (port) => void upstreams.push(port),
    stop: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
