import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadCertificates } from './certificates.js';
import type { TlsFiles } from './certificates.js';
import { startInfrastructure } from './infrastructure.js';
import type { Infrastructure } from './infrastructure.js';
import { createLayout } from './layout.js';
import type { Layout } from './layout.js';
import { endOrphans, findRecorded, isRunning, recordProcess } from './orphans.js';
import { anyPort } from './ports.js';
import type { Progress } from './progress.js';
import type { Stack } from './stack.js';

export type TestServers = {
  readonly infrastructure: Infrastructure;
  readonly tls: TlsFiles;
  /** What a suite needs in its environment before node starts. */
  readonly environment: Readonly<Record<string, string>>;
};

/** Ends and removes what a killed test run has left. */
export async function clearDeadTestRuns(): Promise<void> {
  const { downloads } = createLayout();
  for (const name of readdirSync(downloads).filter((entry) => entry.startsWith('test-'))) {
    const layout = createLayout(join('.muster', name));
    if (findRecorded(layout.run).some((recorded) => recorded.name === 'starter')) continue;
    if (isRunning(Number(name.slice('test-'.length)))) continue;
    await endOrphans(layout.run);
    rmSync(layout.home, { recursive: true, force: true });
  }
}

/** A folder of its own for this run. */
export function createTestLayout(): Layout {
  const layout = createLayout(join('.muster', `test-${process.pid}`));
  recordProcess(layout.run, 'starter', process.pid);
  return layout;
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
