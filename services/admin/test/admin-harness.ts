import { randomBytes } from 'node:crypto';
import type { Express } from 'express';
import supertest from 'supertest';
import { Secret } from '@muster/config';
import { CLOUDS } from '@muster/contracts';
import { createKafkaEventLog, type EventLog } from '@muster/event-log';
import { createGraphFactory } from '@muster/graph-client';
import { connectStore, createSealer, type Sealer, type Store } from '@muster/store';
import { createLogger, createMetrics } from '@muster/telemetry';
import { createTenantGraphs } from '@muster/tenant-access';
import { patiently } from '@muster/test-support';
import { createApp, type AdminDependencies } from '../src/app.js';
import { createStatusReader, type ReadCondition } from '../src/status/read-status.js';
import { createStreamHub, type StreamHub } from '../src/stream/stream-hub.js';

export const OPERATOR_KEY = 'operator-key-of-the-admin-tests-0123456789';
export const bearer = (key: string): Record<string, string> => ({ Authorization: `Bearer ${key}` });

export type AdminHarness = {
  app: Express;
  agent: ReturnType<typeof supertest>;
  store: Store;
  eventLog: EventLog;
  streams: StreamHub;
  sealer: Sealer;
  readCondition: ReadCondition;
  /** Sealing keys, newest first. */
  keys: readonly Buffer[];
  stop: () => Promise<void>;
};

/** What `createResources` of the tests gives; it is passed in because only test files may import it. */
export type Resources = {
  prefix: string;
  mongodbUri: string;
  onRemove: (removal: () => Promise<unknown>) => void;
  remove: () => Promise<void>;
};
export type HarnessOptions = {
  resources: Resources;
  brokers: string;
  publicUrl?: string;
  simulatorUrl?: string;
  keys?: readonly Buffer[];
  receiverUrl?: string;
} & Partial<Pick<AdminDependencies, 'now' | 'operators' | 'trustedProxies'>> & { breakGlassHash?: string };

/** The admin app over real Kafka and MongoDB, with topics and a database of its own. */
export async function startAdmin(options: HarnessOptions): Promise<AdminHarness> {
  try {
    return await makeAdmin(options);
  } catch (error) {
    await options.resources.remove();
    throw error;
  }
}

async function makeAdmin(options: HarnessOptions): Promise<AdminHarness> {
  const { resources, brokers, publicUrl, simulatorUrl, now = () => new Date(), keys = [randomBytes(32)] } = options;
  const logger = createLogger({ service: 'admin', level: 'silent' });
  const store = await patiently(() => connectStore({ uri: resources.mongodbUri, logger }));
  resources.onRemove(() => store.close());
  const eventLog = createKafkaEventLog({
    brokers: brokers.split(','),
    clientId: 'admin-test',
    topicPrefix: resources.prefix,
    logger,
  });
  resources.onRemove(() => eventLog.close());
  await patiently(eventLog.ensureTopics);
  const publisher = eventLog.publisher();
  await publisher.start();
  resources.onRemove(() => publisher.stop());
  const sealer = createSealer(keys);
  const streams = createStreamHub({ integrations: store.integrations, now: () => new Date() });
  resources.onRemove(() => {
    streams.close();
    return Promise.resolve();
  });
  const custom = simulatorUrl === undefined ? CLOUDS.global : { graphUrl: simulatorUrl, loginUrl: simulatorUrl };
  const metrics = createMetrics({ service: 'admin' });
  const { readStatus, readCondition, readVerdict } = createStatusReader({ store, eventLog, now });
  const app = createApp({
    readStatus,
    readVerdict,
    toRunbook: (rule) => `http://localhost:4000/runbook#${rule}`,
    alertPrivateHosts: ['localhost'],
    store,
    publisher,
    eventLog,
    sealer,
    graphOf: createGraphFactory({ logger }),
    ...createTenantGraphs({ service: 'admin', store, sealer, custom, logger, metrics, now }),
    bootstrapKey: new Secret(OPERATOR_KEY),
    breakGlassHash: options.breakGlassHash === undefined ? undefined : new Secret(options.breakGlassHash),
    operators: options.operators ?? [],
    sessionPeriods: { idle: 3_600_000, life: 43_200_000 },
    defaultCloud: simulatorUrl === undefined ? 'global' : 'custom',
    customCloud: custom,
    publicUrl: publicUrl ?? 'http://localhost:4000',
    receiverUrl: options.receiverUrl,
    streams,
    trustedProxies: options.trustedProxies ?? [],
    logger,
    now,
  });
  return {
    readCondition,
    streams,
    app,
    agent: supertest(app),
    store,
    eventLog,
    sealer,
    keys,
    stop: () => resources.remove(),
  };
}

export const newIntegration = (over: object = {}): object => ({
  name: 'Contoso',
  tenantId: '11111111-1111-4111-8111-111111111111',
  clientId: '22222222-2222-4222-8222-222222222222',
  clientSecret: 'abc~DEF-the-client-secret-9876',
  secretExpiresAt: new Date(Date.now() + 400 * 86_400_000).toISOString(),
  ...over,
});
