import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadCertificates } from './certificates.js';
import type { TlsFiles } from './certificates.js';
import { startInfrastructure } from './infrastructure.js';
import type { Infrastructure } from './infrastructure.js';
import { createLayout } from './layout.js';
import type { Layout } from './layout.js';
import { endOrphans, isRunning } from './orphans.js';
import { anyPort } from './ports.js';
import type { Progress } from './progress.js';
import type { Stack } from './stack.js';

export type TestServers = {
  readonly infrastructure: Infrastructure;
  readonly tls: TlsFiles;
  /** What a suite needs in its environment before node starts. */
  readonly environment: Readonly<Record<string, string>>;
};

/** None of one that is gone: two suites that begin at a time clear the same. */
function foldersIn(home: string): string[] {
  try {
    const entries = readdirSync(home, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return entries.map(({ name }) => join(home, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The `run` folders of a test run: its own, and those of the systems that its suites started. */
function runFoldersOf(home: string): string[] {
  return [home, ...foldersIn(home)].map((folder) => join(folder, 'run')).filter(existsSync);
}

/** Ends and removes what dead test runs have left: mocha, when it is stopped, leaves the systems of its suites. */
export async function clearDeadTestRuns(): Promise<void> {
  const { downloads } = createLayout();
  for (const name of readdirSync(downloads).filter((entry) => /^test-\d+$/.test(entry))) {
    if (isRunning(Number(name.slice('test-'.length)))) continue;
    const home = join(downloads, name);
    for (const folder of runFoldersOf(home)) await endOrphans(folder);
    rmSync(home, { recursive: true, force: true });
  }
}

/** A folder of its own for this run. */
export function createTestLayout(): Layout {
  return createLayout(join('.muster', `test-${process.pid}`));
}

/** Kafka, MongoDB and certificates for a suite; servers that the environment names are used as they are. */
export async function startTestServers(stack: Stack, progress: Progress): Promise<TestServers> {
  const { KAFKA_BROKERS: kafkaBrokers, MONGODB_URI: mongodbUri } = process.env;
  const [infrastructure, tls] = await Promise.all([
    startInfrastructure({ stack, progress, given: { kafkaBrokers, mongodbUri }, choosePort: anyPort }),
    loadCertificates(stack.layout.tls, { now: new Date() }),
  ]);
  const environment = {
    KAFKA_BROKERS: infrastructure.kafkaBrokers,
    MONGODB_URI: infrastructure.mongodbUri,
    TLS_CERT_FILE: tls.certFile,
    TLS_KEY_FILE: tls.keyFile,
    NODE_EXTRA_CA_CERTS: tls.caFile,
  };
  return { infrastructure, tls, environment };
}
