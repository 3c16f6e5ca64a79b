// The projector, which kills itself where KILL_AT says, at the KILL_NTH time that it comes there: `written` behind the write
// of a batch's documents, `published` behind its changes on the feed, `cleared` when the documents are told to be so. Without
// KILL_AT it lives until SIGTERM. Graph answers by PEOPLE: display names by id. Says on standard output, a line of JSON each,
// which offsets it was given, and of whom the step was at which it died.
import { writeSync } from 'node:fs';
import { createKafkaEventLog, type EventLog, type Publisher } from '@muster/event-log';
import type { Graph, ReadUser } from '@muster/graph-client';
import { systemNow } from '@muster/runtime';
import { connectStore, type UsersStore } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { patiently, toUser } from '@muster/test-support';
import { createRemovalGate } from '../src/gate-removals.js';
import { createIntegrationsCache } from '../src/integrations-cache.js';
import { createLeftToSweep } from '../src/left-to-sweep.js';
import { createProjector } from '../src/projector.js';
import { createProjectorMetrics } from '../src/projector-metrics.js';
import { createPeopleReader } from '../src/read-people.js';
import { createSweeps } from '../src/sweeps.js';
import { MAX_BATCH, type Point, type Said } from './killed-between.js';

const { KAFKA_BROKERS = '', KAFKA_TOPIC_PREFIX = '', MONGODB_URI = '', KILL_AT, KILL_NTH } = process.env;
const names = JSON.parse(process.env.PEOPLE ?? '{}') as Record<string, string>;
const logger = createLogger({ service: 'projector', level: 'fatal' });
const metrics = createProjectorMetrics(createMetrics({ service: 'projector' }));

/** What is written in this way is out before a SIGKILL. */
const say = (said: Said): void => void writeSync(process.stdout.fd, `${JSON.stringify(said)}\n`);

let times = 0;
async function dieAt(point: Point, ids: readonly string[]): Promise<void> {
  if (point !== KILL_AT) return;
  times += 1;
  if (times !== Number(KILL_NTH)) return;
  say({ struck: ids });
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
}

const mortalUsers = (users: UsersStore): UsersStore => ({
  ...users,
  write: async (writes) => {
    const answer = await users.write(writes);
    await dieAt(
      'written',
      writes.map(({ id }) => id),
    );
    return answer;
  },
  published: async (changes) => {
    await users.published(changes);
    await dieAt(
      'cleared',
      changes.map(({ id }) => id),
    );
  },
});
const mortalPublisher = (publisher: Publisher): Publisher => ({
  ...publisher,
  publish: async (events, options) => {
    await publisher.publish(events, options);
    const told = events.filter(({ topic }) => topic === 'changes');
    if (told.length > 0)
      await dieAt(
        'published',
        told.map(({ key }) => String(key)),
      );
  },
});
const talkingLog = (log: EventLog): Pick<EventLog, 'consumer'> => ({
  consumer: (options) =>
    log.consumer({
      ...options,
      maxBatch: MAX_BATCH,
      handle: (batch) => {
        say({ batch: batch.events.map(({ offset }) => offset) });
        return options.handle(batch);
      },
    }),
});
const graph: Pick<Graph, 'readUsers'> = {
  readUsers: (userIds) => {
    const observedAt = new Date().toISOString();
    const toRead = (userId: string): ReadUser => {
      const user = toUser({ userId, displayName: names[userId] ?? null });
      return { userId, observedAt, found: 'yes', user, inGroup: null };
    };
    return Promise.resolve(userIds.map(toRead));
  },
};

const connected = await patiently(() => connectStore({ uri: MONGODB_URI, logger }));
const store = { ...connected, users: mortalUsers(connected.users) };
const log = createKafkaEventLog({
  brokers: KAFKA_BROKERS.split(','),
  clientId: 'projector',
  topicPrefix: KAFKA_TOPIC_PREFIX,
  // The least that Kafka takes: so long the next life waits for the partitions of one that was killed.
  sessionTimeoutMs: 6_000,
  logger,
});
const publisher = mortalPublisher(log.publisher());
await publisher.start();
const projector = createProjector({
  log: talkingLog(log),
  store,
  publisher,
  sweeps: createSweeps({ publisher, leases: store.leases, now: systemNow, settleMs: 0 }),
  integrations: createIntegrationsCache(store.integrations, systemNow),
  reader: createPeopleReader({ graphOf: () => graph as Graph }),
  gate: createRemovalGate({ store, limit: { least: 5, percent: 10 }, metrics, logger, now: systemNow }),
  left: createLeftToSweep({ store, metrics, most: Number.MAX_SAFE_INTEGER, now: systemNow }),
  metrics,
  logger,
  now: systemNow,
  onCrash: (error) => {
    throw error;
  },
});
process.once('SIGTERM', () => {
  void projector.stop().finally(() => process.exit(0));
});
await projector.start();
