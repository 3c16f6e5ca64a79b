import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exclusively } from './exclusively.js';
import type { Layout } from './layout.js';
import type { ProcessSpec } from './processes.js';
import type { Stack } from './stack.js';
import { waitUntil } from './wait-until.js';
import { answersMongo } from './wire-checks.js';

/** A MongoDB-wire server on the WiredTiger engine, for machines without mongod. */
const SECANTUS = 'secantusdb==0.7.0b3';

const venvOf = (layout: Layout): string => join(layout.downloads, 'venv');
const markerOf = (layout: Layout): string => join(venvOf(layout), '.complete');
// A virtual environment holds absolute paths: one that was moved has to be made again.
const markerText = (layout: Layout): string => `${SECANTUS} in ${venvOf(layout)}`;

export function isMongoDownloaded(layout: Layout): boolean {
  return existsSync(markerOf(layout)) && readFileSync(markerOf(layout), 'utf8') === markerText(layout);
}

/** Installs the server in a virtual environment, once. */
export async function downloadMongo(stack: Stack): Promise<void> {
  const { layout } = stack;
  const venv = venvOf(layout);
  await exclusively(join(layout.downloads, 'venv.lock'), async () => {
    if (isMongoDownloaded(layout)) return;
    rmSync(venv, { recursive: true, force: true });
    await stack.run({ name: 'mongo-venv', command: 'python3', args: ['-m', 'venv', venv], env: process.env });
    await stack.run({
      name: 'mongo-download',
      command: join(venv, 'bin', 'python'),
      args: ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-compile', SECANTUS],
      env: process.env,
    });
    writeFileSync(markerOf(layout), markerText(layout));
  });
}

export type MongoStart = { readonly port: number; readonly mongod: boolean };

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
          command: join(venvOf(layout), 'bin', 'secantusd-py'),
          args: [...where, '--host', '127.0.0.1', '--storage-path', folder, '--log-level', 'WARNING'],
        }),
  };
}

/** Starts the server with its data under the layout; settles with a URI when it answers the wire protocol. */
export async function startMongo(stack: Stack, start: MongoStart): Promise<string> {
  await stack.startServer(serverSpec(stack.layout, start));
  await waitUntil(() => answersMongo(start.port), { what: 'MongoDB answers', withinMs: 60_000 });
  // A mongod without a replica set refuses retryable writes.
  const options = start.mongod ? 'directConnection=true&retryWrites=false' : 'directConnection=true';
  return `mongodb://127.0.0.1:${start.port}/muster?${options}`;
}
