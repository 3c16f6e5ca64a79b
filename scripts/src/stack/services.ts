import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { loadServiceSchema } from '../service-schemas.js';
import type { ServiceName } from '../service-schemas.js';
import type { TlsFiles } from './certificates.js';
import type { Infrastructure } from './infrastructure.js';
import type { Keys } from './keys.js';
import { lastLogLines, logFileOf } from './processes.js';
import type { Progress } from './progress.js';
import { requestJson } from './request-json.js';
import { StackError } from './stack-error.js';
import type { Stack } from './stack.js';
import { waitUntil } from './wait-until.js';

/** Of the folder of a service or the simulator: all its modules in one file. */
const BUNDLE = join('dist', 'bundle', 'main.mjs');

export type Ports = Readonly<Record<ServiceName | 'simulator', number>>;
export const WANTED_PORTS: Ports = {
  admin: 4000,
  receiver: 4001,
  subscription: 4002,
  projector: 4003,
  reconciler: 4004,
  simulator: 4010,
};

export type SystemOptions = {
  readonly stack: Stack;
  readonly progress: Progress;
  readonly infrastructure: Infrastructure;
  readonly ports: Ports;
  readonly tls: TlsFiles;
  readonly keys: Keys;
  /** Where Graph reaches the receivers, when something stands in front of them. */
  readonly receiverOrigin?: string | undefined;
  /** Variables of a person, which go before the defaults here. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

const isHttps = (name: ServiceName | 'simulator'): boolean => name === 'receiver' || name === 'simulator';

export const originOf = (ports: Ports, name: ServiceName | 'simulator'): string =>
  `${isHttps(name) ? 'https' : 'http'}://localhost:${ports[name]}`;

/** What every child needs of the outside: to find programs, to write temporary files, to trust our certificates. */
function baseEnvironment({ env, tls }: SystemOptions): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR, TZ, LANG, NODE_OPTIONS } = env;
  return { PATH, HOME, TMPDIR, TZ, LANG, NODE_OPTIONS, NODE_ENV: 'production', NODE_EXTRA_CA_CERTS: tls.caFile };
}

const tlsVariables = ({ certFile, keyFile }: TlsFiles) => ({ TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile });

/** A service gets the variables that its own schema names, and no others: least privilege without a second list. */
export function environmentOf(service: ServiceName, schema: z.ZodObject, options: SystemOptions) {
  const { infrastructure, ports, keys, tls, env } = options;
  const known: Record<string, string | undefined> = {
    KAFKA_BROKERS: infrastructure.kafkaBrokers,
    MONGODB_URI: infrastructure.mongodbUri,
    GRAPH_URL: originOf(ports, 'simulator'),
    LOGIN_URL: originOf(ports, 'simulator'),
    PUBLIC_RECEIVER_URL: options.receiverOrigin ?? originOf(ports, 'receiver'),
    PUBLIC_ADMIN_URL: originOf(ports, 'admin'),
    ...keys,
    PORT: String(ports[service]),
    // Only who listens on https; the others' pages are http on loopback.
    TLS_CERT_FILE: undefined,
    TLS_KEY_FILE: undefined,
    ...(isHttps(service) ? tlsVariables(tls) : {}),
  };
  const names = Object.keys(schema.shape);
  const chosen = names.map((name) => [name, name in known ? known[name] : env[name]] as const);
  return { ...baseEnvironment(options), ...Object.fromEntries(chosen) };
}

async function waitReady(name: ServiceName | 'simulator', path: string, options: SystemOptions): Promise<void> {
  const { stack, ports, tls } = options;
  const ca = readFileSync(tls.caFile, 'utf8');
  const ask = async (): Promise<boolean> => {
    const { status, body } = await requestJson(`${originOf(ports, name)}${path}`, { ca });
    if (status === 200) return true;
    throw new Error(`${path} answers ${status}: ${JSON.stringify(body).slice(0, 300)}`);
  };
  // A service that dies again and again before it was ever ready is wrong, not unlucky.
  const before = stack.startsOf(name);
  const isHopeless = (): boolean => stack.startsOf(name) > before + 1;
  await waitUntil(ask, { what: `${name} is ready`, withinMs: 60_000, isHopeless }).catch((error: unknown) => {
    const lines = lastLogLines(stack.layout, name);
    const file = logFileOf(stack.layout, name);
    throw new StackError(`${error instanceof Error ? error.message : String(error)}\nLast lines of ${file}:\n${lines}`);
  });
}

export async function startSimulator(options: SystemOptions): Promise<void> {
  const { stack, progress, ports, tls } = options;
  const start = async (): Promise<void> => {
    await stack.startService({
      name: 'simulator',
      command: process.execPath,
      args: [join(stack.layout.root, 'packages', 'graph-simulator', BUNDLE)],
      env: {
        ...baseEnvironment(options),
        ...Object.fromEntries(Object.entries(options.env).filter(([name]) => name.startsWith('SIMULATOR_'))),
        ...tlsVariables(tls),
        PORT: String(ports.simulator),
        SIMULATOR_STATE_FILE: join(stack.layout.data, 'simulator.json'),
      },
    });
    await waitReady('simulator', '/_simulator/healthz', options);
  };
  await progress.step('the simulator', start, () => `the simulator is ready on ${originOf(ports, 'simulator')}`);
}

async function startOne(service: ServiceName, options: SystemOptions): Promise<void> {
  const { stack, progress, ports } = options;
  const schema = await loadServiceSchema(stack.layout.root, service);
  const start = async (): Promise<void> => {
    await stack.startService({
      name: service,
      command: process.execPath,
      args: [BUNDLE],
      cwd: join(stack.layout.root, 'services', service),
      env: environmentOf(service, schema, options),
    });
    await waitReady(service, '/readyz', options);
  };
  await progress.step(service, start, () => `${service} is ready on ${originOf(ports, service)}`);
}

/**
 * One more of a service, beside the first, on a port of its own; answers where. Nobody starts it again when it dies.
 */
export async function startCopy(
  service: ServiceName,
  { name, port, unread = false }: { name: string; port: number; unread?: boolean },
  options: SystemOptions,
): Promise<string> {
  const { stack } = options;
  const own = { ...options, ports: { ...options.ports, [service]: port } };
  const schema = await loadServiceSchema(stack.layout.root, service);
  const child = await stack.start({
    name,
    command: process.execPath,
    args: [BUNDLE],
    cwd: join(stack.layout.root, 'services', service),
    unread,
    // Only the copy itself is told of its port: others go on to the first.
    env: environmentOf(service, schema, {
      ...own,
      receiverOrigin: options.receiverOrigin ?? originOf(options.ports, 'receiver'),
    }),
  });
  await waitReady(service, '/readyz', own).catch((error: unknown) => {
    child.kill();
    throw error;
  });
  return originOf(own.ports, service);
}

/** The receiver first: creating a subscription calls it back. Admin last: it shows the others. */
export async function startServices(options: SystemOptions): Promise<void> {
  await startOne('receiver', options);
  await Promise.all((['subscription', 'projector', 'reconciler'] as const).map((name) => startOne(name, options)));
  await startOne('admin', options);
}
