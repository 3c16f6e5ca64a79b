// For the bench: one full read of PEOPLE people (KIND users or mfa; both: one after the other, of ROWS rows of the report)
// on the real log and database, for the integration that the database has; a projector must run. It begins at START_AT, ms
// since epoch, so that its start is no part of what is measured beside it. GENERATION is in everybody's name: another one changes everyone. A page
// takes PAGE_MS; a page of the report waits for its budget besides. CHANGES: whose names are others by now, and whose will
// be when, see toChanges. Prints a line of JSON.
import type { SnapshotKind } from '@muster/contracts';
import { createKafkaEventLog } from '@muster/event-log';
import { createReportBudget } from '@muster/graph-client';
import { systemNow } from '@muster/runtime';
import { connectStore } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { patiently } from '@muster/test-support';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCaughtUp } from '../src/caught-up.js';
import { createSnapshotMetrics } from '../src/snapshot-metrics.js';
import type { SnapshotDeps } from '../src/snapshot-run.js';
import { takeSnapshot } from '../src/take-snapshot.js';
import { toChanges } from './support/made-changes.js';
import { madePages } from './support/made-pages.js';
import { createSpent } from './support/spent.js';
import { createTenant, toRow, toUser } from './support/tenant.js';

const { KAFKA_BROKERS = '', KAFKA_TOPIC_PREFIX = '', MONGODB_URI = '', GENERATION = '0', PAGE_MS = '0' } = process.env;
const { CHANGES = '', KIND = 'users', START_AT = '0', PEOPLE = '1000', ROWS = PEOPLE } = process.env;
const people = Number(PEOPLE);
const kinds: readonly SnapshotKind[] = KIND === 'both' ? ['users', 'mfa'] : [KIND === 'mfa' ? 'mfa' : 'users'];

const logger = createLogger({ service: 'reconciler', level: 'error' });
const metrics = createMetrics({ service: 'reconciler' });
const store = await patiently(() => connectStore({ uri: MONGODB_URI, logger }));
const log = createKafkaEventLog({
  brokers: KAFKA_BROKERS.split(','),
  clientId: 'reconciler',
  topicPrefix: KAFKA_TOPIC_PREFIX,
  logger,
  metrics,
});
const publisher = log.publisher();
await publisher.start();
const [settings] = await store.integrations.all();
if (!settings) throw new Error('the database has no integration');

const budget = createReportBudget({ turn: () => Promise.resolve() });
const beforeRows = async (): Promise<void> => {
  await budget.take('full', 1);
  await beforePage();
};
const beforePage = async (): Promise<void> => {
  if (PAGE_MS !== '0') await sleep(Number(PAGE_MS));
};
const hasChanged = toChanges(CHANGES);
const named = (userId: string, at: number) => ({
  ...toUser(userId),
  displayName: hasChanged(userId, at) ? 'Changed' : `Ann ${GENERATION}`,
});
const { graph } = createTenant();
await sleep(Math.max(0, Number(START_AT) - Date.now()));
const begun = performance.now();
const cpuBefore = process.cpuUsage();
const { timed, timedRows, seconds: spent } = createSpent();
const { users, snapshots, integrations } = store;
const deps: SnapshotDeps = {
  store: {
    ...store,
    users: { ...users, load: timed('documents', users.load), ids: timedRows('ids', users.ids) },
    snapshots: {
      ...snapshots,
      update: timed('record', snapshots.update),
      get: timed('projection', snapshots.get),
    },
    integrations: { ...integrations, get: timed('record', integrations.get) },
  },
  publisher: { publish: timed('log', publisher.publish) },
  graphFor: () => ({
    ...graph,
    countUsers: () => Promise.resolve(people),
    userPages: () => madePages({ people, beforePage, toOne: named }),
    mfaPages: () =>
      madePages({ people: KIND === 'both' ? Number(ROWS) : people, beforePage: beforeRows, toOne: toRow }),
  }),
  now: systemNow,
  logger,
  metrics: createSnapshotMetrics(metrics),
  newId: randomUUID,
  projectionLimitMs: 30 * 60_000,
  settleMs: 2_000,
  caughtUp: timed('caughtUp', createCaughtUp({ log, pause: (ms) => sleep(ms), now: systemNow })),
  removalLimit: { least: 5, percent: 100 },
};
const sleepFor = (ms: number): Promise<void> => sleep(ms);
const { signal } = new AbortController();
let outcome = 'complete';
for (const kind of kinds) {
  const task = { settings, kind, reason: 'bench', resume: null, signal, pause: timed('projection', sleepFor) };
  outcome = await takeSnapshot(deps, task);
  if (outcome !== 'complete') break;
}
const seconds = (performance.now() - begun) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
globalThis.gc?.();
const { heapUsed, external } = process.memoryUsage();
const [record] = await store.snapshots.newest(settings.integrationId, 1);
await publisher.stop();
await log.close();
await store.close();
// Behind the log lines of the end: who runs this reads the last line.
console.log(
  JSON.stringify({
    outcome,
    failure: record?.failure ?? null,
    drift: record?.drift ?? null,
    pages: record?.pages,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    spent: spent(),
    peakMiB: process.resourceUsage().maxRSS / 1_024,
    liveMiB: (heapUsed + external) / 2 ** 20,
  }),
);
process.exit();
