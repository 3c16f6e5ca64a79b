import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './layout.js';
import type { ProcessSpec } from './processes.js';
import { isOnPath } from './requirements.js';
import { StackError } from './stack-error.js';
import type { Stack } from './stack.js';
import { isVenvMade, makeVenv, venvOf } from './venv.js';
import type { VenvSpec } from './venv.js';
import { waitUntil } from './wait-until.js';
import { answersMongo } from './wire-checks.js';

/** A MongoDB-wire server on the WiredTiger engine, for machines without mongod. */
const SECANTUS = 'secantusdb==0.7.0b3';

const VENV: VenvSpec = { name: 'venv', packages: [SECANTUS], version: SECANTUS };

export const isMongoDownloaded = (layout: Layout): boolean => isVenvMade(layout, VENV);

/** Installs the server in a virtual environment, once. */
export const downloadMongo = (stack: Stack): Promise<void> => makeVenv(stack, VENV);

/** Servers that speak MongoDB's protocol; of these only secantusd-py is downloaded. */
const SERVERS = ['mongod', 'secantusd-rs', 'secantusd-py'] as const;
export type MongoServer = (typeof SERVERS)[number];

/** The one that MONGO_SERVER names; without it mongod where it is on the PATH, else the one that is downloaded. */
export async function chooseMongo(named = process.env.MONGO_SERVER): Promise<MongoServer> {
  if (!named) return (await isOnPath('mongod')) ? 'mongod' : 'secantusd-py';
  const server = SERVERS.find((one) => one === named);
  if (!server)
    throw new StackError(`MONGO_SERVER is ${named}.`, `Name one of ${SERVERS.join(', ')}, or leave it unset.`);
  if (server !== 'secantusd-py' && !(await isOnPath(server)))
    throw new StackError(
      `MONGO_SERVER is ${named}, which is not on the PATH.`,
      'Install it, or leave MONGO_SERVER unset.',
    );
  return server;
}

export type MongoStart = {
  readonly port: number;
  readonly server: MongoServer;
  /** Started again when it dies, for tests that kill it; else its death ends the run. */
  readonly mayDie?: boolean;
};

function serverSpec(layout: Layout, { port, server }: MongoStart): ProcessSpec {
  // Their files are not each other's.
  const folder = join(
    layout.data,
    { mongod: 'mongod', 'secantusd-rs': 'secantusd-rs', 'secantusd-py': 'mongo' }[server],
  );
  mkdirSync(folder, { recursive: true });
  const where = ['--port', String(port)];
  const secantus = [...where, '--host', '127.0.0.1', '--storage-path', folder, '--log-level', 'WARNING'];
  return {
    name: 'mongo',
    env: process.env,
    command: server === 'secantusd-py' ? join(venvOf(layout, VENV), 'bin', server) : server,
    args: server === 'mongod' ? [...where, '--bind_ip', '127.0.0.1', '--dbpath', folder, '--quiet'] : secantus,
  };
}

/** Starts the server with its data under the layout; settles with a URI when it answers the wire protocol. */
export async function startMongo(stack: Stack, start: MongoStart): Promise<string> {
  await (start.mayDie ? stack.startService : stack.startServer)(serverSpec(stack.layout, start));
  await waitUntil(() => answersMongo(start.port), { what: 'MongoDB answers', withinMs: 120_000 });
  // A mongod without a replica set refuses retryable writes; SecantusDB keeps the last 10,000 of them and looks through all
  // of them at each write, which makes it ten times slower. Muster writes again by itself what may not have been written.
  return `mongodb://127.0.0.1:${start.port}/muster?directConnection=true&retryWrites=false`;
}
