import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './layout.js';
import type { ProcessSpec } from './processes.js';
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

export type MongoStart = {
  readonly port: number;
  readonly mongod: boolean;
  /** Started again when it dies, for tests that kill it; else its death ends the run. */
  readonly mayDie?: boolean;
};

function serverSpec(layout: Layout, { port, mongod }: MongoStart): ProcessSpec {
  const folder = join(layout.data, mongod ? 'mongod' : 'mongo');
  mkdirSync(folder, { recursive: true });
  const where = ['--port', String(port)];
  return {
    name: 'mongo',
    env: process.env,
    ...(mongod
      ? { command: 'mongod', args: [...where, '--bind_ip', '127.0.0.1', '--dbpath', folder, '--quiet'] }
      : {
          command: join(venvOf(layout, VENV), 'bin', 'secantusd-py'),
          args: [...where, '--host', '127.0.0.1', '--storage-path', folder, '--log-level', 'WARNING'],
        }),
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
