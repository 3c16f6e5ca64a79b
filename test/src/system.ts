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
  startServices,
  startSimulator,
  type Ports,
  type ServiceName,
} from '@muster/scripts';
import { createLogger } from '@muster/telemetry';
import { createResources, testServers } from '@muster/test-support';
import { createAdminClient, type AdminClient } from './admin-client.js';
import { createSimulatorClient, type SimulatorClient } from './simulator-client.js';

export type System = {
  admin: AdminClient;
  simulator: SimulatorClient;
  origins: Record<ServiceName | 'simulator', string>;
  /** For looking only: tests write through Graph and the API. */
  store: Store;
  eventLog: EventLog;
  /** kill -9; the supervisor starts it again after a second. Answers the pid that was killed. */
  kill: (service: ServiceName) => number;
  pidOf: (service: ServiceName) => number | undefined;
  isReady: (service: ServiceName) => Promise<boolean>;
  stop: () => Promise<void>;
};

export type SystemSettings = { label: string; env?: Record<string, string> };

/**
 * The five services and the simulator as processes of their own, with topics, database and folder of their own, on
 * the servers of this run.
 */
export async function startTestSystem({ label, env = {} }: SystemSettings): Promise<System> {
  const servers = testServers();
  const resources = createResources(label, servers.mongodbUri);
  const logger = createLogger({ service: 'test', level: 'silent' });
  const layout = createLayout(join('.muster', `test-${process.pid}`, resources.prefix.slice(0, -1)));
  const said: string[] = [];
  const progress = createProgress((line) => said.push(line));
  const stack = createStack(layout, progress.say);
  const ports = await choosePorts();
  const keys = {
    MUSTER_KEYS: randomBytes(32).toString('base64'),
    CLIENT_STATE_KEYS: randomBytes(32).toString('base64'),
    MUSTER_BOOTSTRAP_KEY: randomBytes(32).toString('base64url'),
  };
  const brokers = servers.kafkaBrokers.split(',');
  const eventLog = createKafkaEventLog({ brokers, clientId: 'test', topicPrefix: resources.prefix, logger });
  await eventLog.ensureTopics();
  const options = {
    stack,
    progress,
    infrastructure: { kafkaBrokers: servers.kafkaBrokers, mongodbUri: resources.mongodbUri },
    ports,
    tls: { certFile: servers.tlsCertFile, keyFile: servers.tlsKeyFile, caFile: servers.caFile },
    keys,
    env: { ...process.env, ...env, KAFKA_TOPIC_PREFIX: resources.prefix },
  };
  const stopAll = async (): Promise<void> => {
    await stack.stop();
    await eventLog.close();
  };
  try {
    await startSimulator(options);
    await startServices(options);
  } catch (error) {
    await stopAll();
    throw new Error(`the system did not start:\n${said.join('\n')}`, { cause: error });
  }
  const store = await connectStore({ uri: resources.mongodbUri, logger });
  const origins = Object.fromEntries(
    [...SERVICES, 'simulator' as const].map((name) => [name, originOf(ports, name)]),
  ) as System['origins'];
  return {
    admin: createAdminClient(origins.admin, keys.MUSTER_BOOTSTRAP_KEY),
    simulator: createSimulatorClient(origins.simulator),
    origins,
    store,
    eventLog,
    pidOf: (service) => stack.pidOf(service),
    kill: (service) => {
      const pid = stack.pidOf(service);
      if (pid === undefined) throw new Error(`${service} does not run`);
      process.kill(pid, 'SIGKILL');
      return pid;
    },
    isReady: (service) =>
      fetch(`${origins[service]}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      ),
    stop: async () => {
      await store.close();
      await stopAll();
      await resources.remove();
    },
  };
}

async function choosePorts(): Promise<Ports> {
  const chosen: Record<string, number> = {};
  for (const name of [...SERVICES, 'simulator'] as const) chosen[name] = await anyPort();
  return chosen as Ports;
}
