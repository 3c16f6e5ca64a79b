import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createLane, type Lane } from './toxic-lane.js';

/** `upstream`: from the client to the server. */
export type Stream = 'upstream' | 'downstream';
/** What toxiproxy calls so (https://github.com/Shopify/toxiproxy#toxics); times in ms. */
export type Toxic = { stream?: Stream } & (
  | { type: 'latency'; latency: number; jitter?: () => number }
  /** Nothing passes; after `timeout` the connection ends, with 0 never: all comes when it is over. */
  | { type: 'timeout'; timeout: number }
  /** Half-open, as when the peer lost its power: what is sent is gone, and the connection stays so when it is over. */
  | { type: 'dead' }
  /** The connection is reset after so long. */
  | { type: 'reset_peer'; timeout: number }
  /** Small pieces of this size, with a pause behind each. */
  | { type: 'slicer'; size: number; delay: number }
  /** The connection ends when so many bytes have passed since the toxic was set. */
  | { type: 'limit_data'; bytes: number }
  /** Bytes per ms, which is KB/s. */
  | { type: 'bandwidth'; rate: number }
);

/** For each connection anew: what of its bytes goes on, before toxics. `answer` sends the client bytes of the proxy's own. */
export type Inspect = (answer: (bytes: Buffer) => void) => Readonly<Record<Stream, (bytes: Buffer) => Buffer>>;

export type TcpProxy = {
  readonly port: number;
  /** Without a stream a toxic holds for both. They hold for connections that are open, too; none = heal. */
  readonly setToxics: (toxics: readonly Toxic[]) => void;
  /** How many pieces of data met the toxics that are set, or were set last. */
  readonly struck: () => number;
  /** How many clients are connected. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

const pass = (bytes: Buffer): Buffer => bytes;
const passAll: Inspect = () => ({ upstream: pass, downstream: pass });
const reset = (socket: Socket): void => void socket.resetAndDestroy();

/** Stands between a client and a server on loopback and makes the network between them ill. */
export async function createTcpProxy(
  target: { port: number; host?: string },
  inspect: Inspect = passAll,
): Promise<TcpProxy> {
  let toxics: readonly Toxic[] = [];
  let struck = 0;
  const links = new Set<{ near: Socket; far: Socket; lanes: readonly Lane[] }>();
  const of = (stream: Stream): Toxic[] => toxics.filter((toxic) => (toxic.stream ?? stream) === stream);

  const server = createServer((near) => {
    const far = connect(target.port, target.host ?? '127.0.0.1');
    const end = (): void => {
      links.delete(link);
      near.destroy();
      far.destroy();
    };
    const cut = (): void => {
      links.delete(link);
      reset(near);
      reset(far);
    };
    const inspected = inspect((bytes) => down.add(bytes));
    const lane = (from: Socket, to: Socket, stream: Stream): Lane =>
      createLane({
        ...{ from, to, end, reset: cut },
        inspect: (bytes) => {
          if (of(stream).length > 0) struck += 1;
          return inspected[stream](bytes);
        },
        toxics: () => of(stream),
      });
    const down = lane(far, near, 'downstream');
    const link = { near, far, lanes: [lane(near, far, 'upstream'), down] };
    links.add(link);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    struck: () => struck,
    connections: () => links.size,
    setToxics: (next) => {
      toxics = next;
      if (next.length > 0) struck = 0;
      for (const { lanes } of links) for (const lane of lanes) lane.toxicsChanged();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const { near, far } of links) {
        near.destroy();
        far.destroy();
      }
      await closed;
    },
  };
}
