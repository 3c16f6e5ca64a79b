// Starts the whole system and stays in front of it: ./scripts/start [--demo] [--reset]
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createAdminApi } from './admin-api.js';
import { SERVICES } from './service-schemas.js';
import { loadCertificates } from './stack/certificates.js';
import { startInfrastructure } from './stack/infrastructure.js';
import { loadKeys } from './stack/keys.js';
import { createLayout, wipe } from './stack/layout.js';
import type { Layout } from './stack/layout.js';
import { endOrphans, findRecorded, recordProcess } from './stack/orphans.js';
import { wantedPort } from './stack/ports.js';
import { createProgress, describeFailure } from './stack/progress.js';
import { originOf, WANTED_PORTS } from './stack/services.js';
import type { Ports, SystemOptions } from './stack/services.js';
import { StackError } from './stack/stack-error.js';
import { createStack } from './stack/stack.js';
import { stopOnSignals } from './stack/stop-signals.js';
import { build, forgetAddresses, startSystem } from './stack/system.js';

const { values: flags } = parseArgs({
  options: { demo: { type: 'boolean', default: false }, reset: { type: 'boolean', default: false } },
});
const progress = createProgress((line) => console.log(line));

/** One system a checkout; what a killed start has left is ended first. */
async function takeOver(layout: Layout): Promise<void> {
  const running = findRecorded(layout.run).find(({ name }) => name === 'starter');
  if (running) {
    throw new StackError(
      `Muster runs already in this checkout (process ${running.pid}).`,
      'Stop it first: Ctrl-C there.',
    );
  }
  const ended = await endOrphans(layout.run);
  if (ended.length > 0) progress.say(`ended what an earlier start left behind: ${ended.join(', ')}`);
  recordProcess(layout.run, 'starter', process.pid);
}

/** Sign-in pages of the simulator over plain http. */
const PAGES_PORT = 4011;
const ALL_PORTS = [...Object.values(WANTED_PORTS), PAGES_PORT];

const choosePort = (wanted: number, name: string): Promise<number> => wantedPort(wanted, name, progress.say, ALL_PORTS);

async function choosePorts(): Promise<Ports> {
  const chosen: Record<string, number> = {};
  for (const name of [...SERVICES, 'simulator'] as const) chosen[name] = await choosePort(WANTED_PORTS[name], name);
  return chosen as Ports;
}

/** In place of pasting a key; the key stays good for scripts. */
async function makeSetupLink({ ports, keys }: SystemOptions): Promise<string> {
  const admin = createAdminApi({ adminUrl: originOf(ports, 'admin'), key: keys.MUSTER_BOOTSTRAP_KEY });
  const { status, body } = await admin.ask('/setup-links', { method: 'POST' });
  const made = z.object({ url: z.string() }).safeParse(body);
  return made.success ? made.data.url : `none was made (admin answered ${status})`;
}

async function showAddresses(options: SystemOptions): Promise<void> {
  const { ports, stack } = options;
  const origin = originOf(ports, 'admin');
  const link = await makeSetupLink(options);
  console.log(`
  Muster is running. Open ${origin}

  sign in        ${link}
                 (once, within an hour; pnpm muster setup-link makes another)
  API            ${origin}/api/v1  (Authorization: Bearer <key>)
  operator key   MUSTER_BOOTSTRAP_KEY in ${stack.layout.keysFile}
  simulator      ${originOf(ports, 'simulator')}
  logs           ${stack.layout.logs}
  stop           Ctrl-C
`);
}

async function startAll(): Promise<SystemOptions> {
  const { env } = process;
  const given = { kafkaBrokers: env.KAFKA_BROKERS, mongodbUri: env.MONGODB_URI };
  const ports = await choosePorts();
  const pages = env.SIMULATOR_PAGES_PORT ?? String(await choosePort(PAGES_PORT, "the simulator's pages"));
  const [infrastructure, tls] = await Promise.all([
    startInfrastructure({ stack, progress, given }),
    loadCertificates(layout.tls, { now: new Date() }),
    progress.step('everything is built', () => build({ stack, env })),
  ]);
  // In a demo people register MFA all the time; an hour is long to wait for it.
  const settings = { ...(flags.demo ? { MFA_EVERY: '1m' } : {}), ...env, SIMULATOR_PAGES_PORT: pages };
  const options = { stack, progress, infrastructure, ports, tls, keys: loadKeys(layout.keysFile), env: settings };
  await startSystem({ ...options, connect: flags.demo, activity: flags.demo });
  return options;
}

const layout = createLayout();
const stack = createStack(layout, progress.say);

function forgetStarter(): void {
  rmSync(join(layout.run, 'starter.json'), { force: true });
  forgetAddresses(layout);
}

/** Settles when a server has died that must not. */
async function main(): Promise<never> {
  await takeOver(layout);
  stopOnSignals(stack, progress.say, () => {
    forgetStarter();
    progress.say('stopped; nothing is left running');
  });
  if (flags.reset) wipe(layout);
  const running = await Promise.race([startAll(), stack.broken]);
  if (running instanceof Error) throw running;
  await showAddresses(running);
  throw await stack.broken;
}

main().catch(async (error: unknown) => {
  // A stop by signal makes the steps under way fail: that is no failure, and its handler ends the process.
  if (stack.isStopping()) return;
  console.error(`\n${describeFailure(error)}\n`);
  await stack.stop();
  forgetStarter();
  process.exit(1);
});
