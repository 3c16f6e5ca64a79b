import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaSchema, loadConfig, toKafka } from '@muster/config';
import { createTopics } from './topics.js';
import { connectDemoTenant, seedTenant, startActivity } from '../demo-tenant.js';
import type { Layout } from './layout.js';
import { originOf, startServices, startSimulator } from './services.js';
import type { SystemOptions } from './services.js';

export const addressesFileOf = (layout: Layout): string => join(layout.home, 'addresses.json');

/** What the smoke test and the command line need to find a running system. The key itself stays in keys.json. */
function writeAddresses({ stack, ports, tls }: SystemOptions): void {
  const addresses = {
    adminUrl: originOf(ports, 'admin'),
    simulatorUrl: originOf(ports, 'simulator'),
    receiverUrl: originOf(ports, 'receiver'),
    caFile: tls.caFile,
    keysFile: stack.layout.keysFile,
  };
  writeFileSync(addressesFileOf(stack.layout), `${JSON.stringify(addresses, null, 2)}\n`);
}

export const forgetAddresses = (layout: Layout): void => rmSync(addressesFileOf(layout), { force: true });

/** What makes the pages of admin, for this Node to run. */
export function webBuildArguments({ root }: Pick<Layout, 'root'>): string[] {
  const folder = join(root, 'services', 'admin', 'web');
  return [join(folder, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', folder, '--logLevel', 'warn'];
}

/** For programs that are not built. */
export const typescriptArguments = ['--conditions=@muster/source', '--import', 'tsx'];

/** What makes one file of each service; it reads the sources, so it waits for no other build. */
export const bundleArguments = ({ root }: Pick<Layout, 'root'>): string[] => [
  ...typescriptArguments,
  join(root, 'scripts', 'src', 'bundle.ts'),
];

type BuildOptions = Pick<SystemOptions, 'stack' | 'env'>;

/** Builds all workspaces, quick when nothing has changed, and the pages of admin. */
export async function build({ stack, env }: BuildOptions): Promise<void> {
  const command = process.execPath;
  const types = [join(stack.layout.root, 'node_modules', 'typescript-native', 'bin', 'tsc'), '-b'];
  await Promise.all([
    stack.run({ name: 'build', command, args: types, env }),
    stack.run({ name: 'build-bundles', command, args: bundleArguments(stack.layout), env }),
    stack.run({ name: 'build-web', command, args: webBuildArguments(stack.layout), env }),
  ]);
}

export type StartSystemOptions = SystemOptions & {
  /** Connect the simulated tenant by the admin API. */
  readonly connect: boolean;
  /** Let its people join, change and leave. */
  readonly activity: boolean;
};

/** Topics, simulator, the five services, and what else is wished. */
export async function startSystem(options: StartSystemOptions): Promise<void> {
  const { progress, infrastructure, env } = options;
  const kafka = toKafka(loadConfig(kafkaSchema, { ...env, KAFKA_BROKERS: infrastructure.kafkaBrokers }));
  await Promise.all([progress.step('the topics are there', () => createTopics(kafka)), startSimulator(options)]);
  const tenant = await progress.step('the simulated tenant is there', () => seedTenant(options));
  await startServices(options);
  if (options.connect)
    await progress.step('the simulated tenant is connected', () => connectDemoTenant(options, tenant));
  if (options.activity) await startActivity(options);
  writeAddresses(options);
}
