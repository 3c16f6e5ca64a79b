import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { connectStore, type Store } from '@muster/store';
import { createKafkaEventLog, type EventLog } from '@muster/event-log';
import {
  anyPort,
  createLayout,
  createProgress,
  createStack,
  originOf,
  SERVICES,
  startCopy,
  startServices,
  startSimulator,
  type Infrastructure,
  type Keys,
  type Ports,
  type Progress,
  type ServiceName,
  type Stack,
} from '@muster/scripts';
import { createLogger } from '@muster/telemetry';
import { clearServers, createResources, patiently, testServers } from '@muster/test-support';
import { createAdminClient, type AdminClient } from './admin-client.js';
import { createSimulatorClient, type SimulatorClient } from './simulator-client.js';

export type System = {
  admin: AdminClient;
  keys: Keys;
  simulator: SimulatorClient;
  origins: Record<ServiceName | 'simulator', string>;
  /** For looking only: tests write through Graph and the API. */
  store: Store;
  eventLog: EventLog;
  /** In front of the names of its topics and groups. */
  topicPrefix: string;
  /** For hands that spoil documents behind everybody's back. */
  mongodbUri: string;
  /** One more of a service under that name, which nobody starts again; answers its origin. */
  startCopy: (service: ServiceName, name: string, own?: OwnOfCopy) => Promise<string>;
  /** kill -9; the supervisor starts it again after a second. Answers the pid that was killed. */
  kill: (service: ServiceName) => number;
  /** Also of a copy. */
  pidOf: (name: string) => number | undefined;
  /** To a service, a copy of one, or a server of its own, with all that it started. */
  signal: (name: string, signal: NodeJS.Signals) => void;
  /** Newest first; what clientState is signed with. */
  clientStateKeys: readonly Buffer[];
  /** Where the logs of its processes are. */
  logs: string;
  isReady: (service: ServiceName) => Promise<boolean>;
  stop: () => Promise<void>;
};

export type OwnOfCopy = {
  port?: number;
  keys?: Partial<Keys>;
  env?: Record<string, string>;
  /** Its standard output is a pipe that nobody reads. */
  unread?: boolean;
};
export type OwnServer = 'kafka' | 'mongo';
export type SystemSettings = {
  label: string;
  env?: Record<string, string>;
  /** Servers of its own in place of those of the run: what the services are given, and what the test looks at. */
  ownServers?: (stack: Stack, progress: Progress) => Promise<{ given: Infrastructure; direct: Infrastructure }>;
  /** NODE_OPTIONS of the services; of the simulator only where it is named. */
  nodeOptions?: string;
  simulatorNodeOptions?: string;
  /** Where Graph reaches the receivers, when something stands in front of them. */
  receiverOrigin?: string;
  tls?: { certFile: string; keyFile: string; caFile: string };
  /** Hears what the supervisor says, such as that a service has ended. */
  say?: (line: string) => void;
};

/**
 * The five services and the simulator as processes of their own, with topics, database and folder of their own, on
 * the servers of this run.
 */
export async function startTestSystem({
  label,
  env = {},
  nodeOptions,
  simulatorNodeOptions,
  ownServers,
  receiverOrigin,
  tls,
  say,
}: SystemSettings): Promise<System> {
  const { prefix, databaseName } = createResources(label, 'mongodb://127.0.0.1');
  const logger = createLogger({ service: 'test', level: 'silent' });
  const layout = createLayout(join('.muster', `test-${process.pid}`, prefix.slice(0, -1)));
  const said: string[] = [];
  const progress = createProgress((line) => {
    said.push(line);
    say?.(line);
  });
  const stack = createStack(layout, progress.say);
  const ports = await choosePorts();
  const keys = {
    MUSTER_KEYS: randomBytes(32).toString('base64'),
    CLIENT_STATE_KEYS: randomBytes(32).toString('base64'),
    MUSTER_BOOTSTRAP_KEY: randomBytes(32).toString('base64url'),
  };
  const { given, direct } = await (ownServers?.(stack, progress) ?? runServers()).catch(async (error: unknown) => {
    await stack.stop();
    throw error;
  });
  const brokers = direct.kafkaBrokers.split(',');
  const eventLog = createKafkaEventLog({ brokers, clientId: 'test', topicPrefix: prefix, logger });
  await patiently(eventLog.ensureTopics);
  const options = {
    stack,
    progress,
    infrastructure: { ...given, mongodbUri: withDatabase(given.mongodbUri, databaseName) },
    ports,
    tls: tls ?? runTls(),
    keys,
    receiverOrigin,
    env: { ...process.env, NODE_OPTIONS: undefined, ...env, KAFKA_TOPIC_PREFIX: prefix },
  };
  const stopAll = async (): Promise<void> => {
    await stack.stop();
    await eventLog.close();
  };
  try {
    await startSimulator({ ...options, env: { ...options.env, NODE_OPTIONS: simulatorNodeOptions } });
    await startServices({ ...options, env: { ...options.env, NODE_OPTIONS: nodeOptions } });
  } catch (error) {
    await stopAll();
    throw new Error(`the system did not start:\n${said.join('\n')}`, { cause: error });
  }
  const store = await patiently(() => connectStore({ uri: withDatabase(direct.mongodbUri, databaseName), logger }));
  const origins = Object.fromEntries(
    [...SERVICES, 'simulator' as const].map((name) => [name, originOf(ports, name)]),
  ) as System['origins'];
  return {
    admin: createAdminClient(origins.admin, keys.MUSTER_BOOTSTRAP_KEY),
    keys,
    simulator: createSimulatorClient(origins.simulator),
    origins,
    store,
    eventLog,
    topicPrefix: prefix,
    mongodbUri: withDatabase(direct.mongodbUri, databaseName),
    startCopy: async (service, name, { port, unread, ...own } = {}) =>
      startCopy(
        service,
        { name, port: port ?? (await anyPort()), ...(unread ? { unread } : {}) },
        { ...options, keys: { ...keys, ...own.keys }, env: { ...options.env, ...own.env } },
      ),
    pidOf: stack.pidOf,
    kill: (service) => {
      const pid = stack.pidOf(service);
      if (pid === undefined) throw new Error(`${service} does not run`);
      process.kill(pid, 'SIGKILL');
      return pid;
    },
    signal: (name, signal) => {
      const pid = stack.pidOf(name);
      if (pid === undefined) throw new Error(`${name} does not run`);
      process.kill(-pid, signal);
    },
    clientStateKeys: [Buffer.from(keys.CLIENT_STATE_KEYS, 'base64')],
    logs: layout.logs,
    isReady: (service) =>
      fetch(`${origins[service]}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      ),
    stop: async () => {
      await store.close();
      await stopAll();
      if (ownServers) return;
      await clearServers({ ...direct, mongodbUri: withDatabase(direct.mongodbUri, databaseName), prefix });
    },
  };
}

async function choosePorts(): Promise<Ports> {
  const chosen: Record<string, number> = {};
  for (const name of [...SERVICES, 'simulator'] as const) chosen[name] = await anyPort();
  return chosen as Ports;
}

function runServers(): Promise<{ given: Infrastructure; direct: Infrastructure }> {
  const { kafkaBrokers, mongodbUri } = testServers();
  const servers = { kafkaBrokers, mongodbUri };
  return Promise.resolve({ given: servers, direct: servers });
}

function runTls(): NonNullable<SystemSettings['tls']> {
  const { tlsCertFile: certFile, tlsKeyFile: keyFile, caFile } = testServers();
  return { certFile, keyFile, caFile };
}

function withDatabase(uri: string, name: string): string {
  const url = new URL(uri);
  url.pathname = `/${name}`;
  return url.href;
}
