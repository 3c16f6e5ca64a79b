import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

function listens(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen({ port, ...(host ? { host } : {}), exclusive: true }, () => server.close(() => settle(true)));
  });
}

/** Free means free on loopback and on every interface: services listen on the latter. */
export async function isFree(port: number): Promise<boolean> {
  return (await listens(port, '127.0.0.1')) && (await listens(port, undefined));
}

const handedOut = new Set<number>();

/** Below what Linux, macOS and Windows give to outgoing connections, one of which may take a port before its server does. */
const OWN_RANGE = { from: 20_000, count: 12_000 };

/** Any free port, never the same twice in this process. */
export async function anyPort(): Promise<number> {
  for (;;) {
    const port = randomInt(OWN_RANGE.from, OWN_RANGE.from + OWN_RANGE.count);
    if (handedOut.has(port) || !(await isFree(port))) continue;
    if (handedOut.has(port)) continue; // given to another caller meanwhile
    handedOut.add(port);
    return port;
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
