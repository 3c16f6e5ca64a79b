import { createServer } from 'node:net';

function listens(port: number, host: string | undefined): Promise<number | undefined> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(undefined));
    server.listen({ port, ...(host ? { host } : {}), exclusive: true }, () => {
      const address = server.address();
      server.close(() => settle(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}

/** Free means free on loopback and on every interface: services listen on the latter. */
export async function isFree(port: number): Promise<boolean> {
  return (await listens(port, '127.0.0.1')) !== undefined && (await listens(port, undefined)) !== undefined;
}

const handedOut = new Set<number>();

/** Any free port, never the same twice in this process. */
export async function anyPort(): Promise<number> {
  for (;;) {
    const port = await listens(0, '127.0.0.1');
    if (port !== undefined && !handedOut.has(port)) {
      handedOut.add(port);
      return port;
    }
  }
}

/** The wanted port, or the next free one that no other wants; `say` is told when it is another. */
export async function wantedPort(
  wanted: number,
  name: string,
  say: (line: string) => void,
  others: readonly number[] = [],
): Promise<number> {
  for (let port = wanted; port < wanted + 1000; port += 1) {
    const isOthers = port !== wanted && others.includes(port);
    if (isOthers || handedOut.has(port) || !(await isFree(port))) continue;
    handedOut.add(port);
    if (port !== wanted) say(`port ${wanted} is busy: ${name} takes ${port}`);
    return port;
  }
  return anyPort();
}
