import { anyPort, startInfrastructure } from '@muster/scripts';
import { connectTenant, type Connected } from '../src/connect-tenant.js';
import { setClocks, type Clocks } from '../src/set-clocks.js';
import { startTestSystem, type System, type SystemSettings } from '../src/system.js';
import { createWriteRefusals, type WriteRefusals } from './refuse-writes.js';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.js';

export type ChaosSystem = {
  readonly system: System;
  /** In which people change all the time. */
  readonly connected: Connected;
  /** Small ones, quiet unless a fault is about them. */
  readonly beside: { readonly storming: Connected; readonly refused: Connected; readonly calm: Connected };
  /** Of whom a fault posted a notification that was answered 202. */
  readonly strangers: Set<string>;
  /** How often a fault posted a lifecycle event that was answered 202, by `toLifecycleKey`. */
  readonly lifecycle: Map<string, number>;
  /** Services that ended of their own accord, in words. */
  readonly ended: readonly string[];
  /** Of the services; Graph's is right. */
  readonly clocks: Clocks;
  /** Between the services and their servers. */
  readonly network: { readonly kafka: TcpProxy; readonly mongo: TcpProxy };
  /** What the proxy to MongoDB says in its place. */
  readonly refusals: Pick<WriteRefusals, 'set' | 'count'>;
  readonly stop: () => Promise<void>;
};

/** All of them, by what sentences call them. */
export const tenantsOf = ({ connected, beside }: Pick<ChaosSystem, 'connected' | 'beside'>) => ({
  'the tenant': connected,
  'the storming tenant': beside.storming,
  'the refused tenant': beside.refused,
  'the calm tenant': beside.calm,
});

/** Periods so short that a run of a minute sees many of each. */
const ENV = {
  USERS_DELTA_EVERY: '10s',
  GROUP_DELTA_EVERY: '5s',
  SWEEP_MIN_INTERVAL: '2s',
  USERS_EVERY: '2m',
  MFA_EVERY: '20s',
  INVENTORY_EVERY: '10s',
  CANARY_EVERY: '10s',
  LOST_AFTER: '10s',
  READY_OFF_FOR: '0s',
  // Random life removes more people than the gate of removals lets go unasked: that gate has tests of its own.
  REMOVALS_LEAST: '1000000',
};

/** Graph's back-off and its judgement of slow receivers, over seconds in place of minutes. */
const SETTINGS = {
  delivery: { backOffCap: 3_000, healthWindow: 10_000 },
  pageSizes: { report: 999 },
};
const SMALL = { people: 100, groupMembers: 60, nestedGroups: 0 };

export const replacePort = (uri: string, port: number): string => uri.replace(/:\d+/, `:${port}`);

/** With a failure; nobody killed it. */
const ENDED_BY_ITSELF = / ended with code [1-9]/;

/** The whole system on a Kafka and a MongoDB of its own, which die and come back, with a tenant that is loaded. */
export async function startChaosSystem({ tls }: Pick<SystemSettings, 'tls'> = {}): Promise<ChaosSystem> {
  const ports = { Kafka: await anyPort(), MongoDB: await anyPort() };
  const refusals = createWriteRefusals();
  const network = {
    kafka: await createTcpProxy({ port: ports.Kafka }),
    mongo: await createTcpProxy({ port: ports.MongoDB }, refusals.inspect),
  };
  const clocks = setClocks();
  const ended: string[] = [];
  const clear = async (): Promise<void> => {
    await network.kafka.close();
    await network.mongo.close();
    clocks.remove();
  };
  const ownServers: SystemSettings['ownServers'] = async (stack, progress) => {
    const direct = await startInfrastructure({
      stack,
      progress,
      given: { kafkaBrokers: undefined, mongodbUri: undefined },
      choosePort: (name) => (name === 'Kafka' || name === 'MongoDB' ? Promise.resolve(ports[name]) : anyPort()),
      advertisedKafkaPort: network.kafka.port,
      mayDie: true,
    });
    const kafkaBrokers = `127.0.0.1:${network.kafka.port}`;
    return { given: { kafkaBrokers, mongodbUri: replacePort(direct.mongodbUri, network.mongo.port) }, direct };
  };
  let system: System | undefined;
  try {
    const { nodeOptions } = clocks;
    system = await startTestSystem({
      ...{ label: 'chaos', env: ENV, ownServers, nodeOptions, ...(tls ? { tls } : {}) },
      say: (line) => {
        if (!ENDED_BY_ITSELF.test(line)) return;
        ended.push(line);
        console.error(`         ${line}`);
      },
    });
    await system.simulator.call('PATCH', '/settings', SETTINGS);
    // More than a page of them.
    const connected = await connectTenant(system, { people: 1_100, groupMembers: 200, nestedGroups: 1 });
    const beside = {
      storming: await connectTenant(system, SMALL),
      refused: await connectTenant(system, SMALL),
      calm: await connectTenant(system, SMALL),
    };
    const running = system;
    const stop = async (): Promise<void> => {
      await running.stop();
      await clear();
    };
    const posted = { strangers: new Set<string>(), lifecycle: new Map<string, number>() };
    return { system, connected, beside, ...posted, ended, clocks, network, refusals, stop };
  } catch (error) {
    await system?.stop();
    await clear();
    throw error;
  }
}
