// Everything that CI runs, in its order; ends with "N passed, N failed". Behind ./scripts/test.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createSteps, summarise, toOutcome, type Outcome, type Steps } from './outcome.js';
import { loadKeys } from './stack/keys.js';
import { anyPort } from './stack/ports.js';
import { createProgress, describeFailure } from './stack/progress.js';
import type { Ports, SystemOptions } from './stack/services.js';
import { StoppedError } from './stack/stack-error.js';
import { createStack } from './stack/stack.js';
import { stopOnSignals } from './stack/stop-signals.js';
import {
  addressesFileOf,
  bundleArguments,
  startSystem,
  typescriptArguments,
  webBuildArguments,
} from './stack/system.js';
import { clearDeadTestRuns, createTestLayout, startTestServers } from './stack/test-servers.js';
import type { TestServers } from './stack/test-servers.js';

const progress = createProgress((line) => console.log(line));
await clearDeadTestRuns();
const layout = createTestLayout();
const stack = createStack(layout, progress.say);
const clean = async (): Promise<void> => {
  rmSync(layout.home, { recursive: true, force: true });
  await clearDeadTestRuns();
};
stopOnSignals(stack, progress.say, clean);

/** What failed or was skipped is said again at the end, for the rest of the output is long. */
const total = createSteps();
const fail = (count: number, what: string): void => {
  total.failed += count;
  total.failures.push(what);
};
const moduleFile = (...path: string[]): string => join(layout.root, 'node_modules', ...path);

type Command = { readonly command: string; readonly args: readonly string[]; readonly env?: Record<string, string> };

async function runCommand(name: string, { command, args, env }: Command): Promise<Outcome> {
  progress.say(`── ${name}`);
  const child = await stack.start({
    name: name.replaceAll(' ', '-'),
    command,
    args,
    env: { ...process.env, ...env },
    inherit: true,
  });
  const { code } = await child.exited;
  if (stack.isStopping()) throw new StoppedError();
  return toOutcome(code);
}

const node = (args: readonly string[], env: Record<string, string> = {}): Command => ({
  command: process.execPath,
  args,
  env,
});

/** A step that is right or wrong as a whole counts as one. */
async function check(name: string, command: Command): Promise<void> {
  const outcome = await runCommand(name, command);
  if (outcome === 'passed') total.passed += 1;
  else if (outcome === 'failed') fail(1, name);
  else total.skipped.push(name);
  progress.say(`${name}: ${outcome === 'passed' ? outcome : outcome.toUpperCase()}`);
}

async function runMocha(suite: string, env: Record<string, string> = {}): Promise<void> {
  const countsFile = join(layout.home, `${suite}.json`);
  const reporter = join(layout.root, 'scripts', 'src', 'mocha-counts.cjs');
  const mocha = [moduleFile('mocha', 'bin', 'mocha.js'), '--reporter', reporter];
  const outcome = await runCommand(
    `${suite} tests`,
    node(mocha, { ...env, SUITE: suite, MOCHA_COUNTS_FILE: countsFile }),
  );
  // Mocha's own status is how many failed: of tests none is skipped so.
  const passed = outcome === 'passed';
  const counts = existsSync(countsFile)
    ? (JSON.parse(readFileSync(countsFile, 'utf8')) as Pick<Steps, 'passed' | 'failed' | 'failures'>)
    : { passed: 0, failed: 0, failures: [] };
  total.passed += counts.passed;
  // A run that breaks off, or finds no test, has no failures to count, and has failed all the same.
  if (!passed) fail(Math.max(1, counts.failed), [`${suite} tests`, ...counts.failures].join('\n  '));
  progress.say(`${suite} tests: ${counts.passed} passed, ${counts.failed} failed${passed ? '' : ': FAILED'}`);
}

async function choosePorts(): Promise<Ports> {
  const names = ['receiver', 'subscription', 'projector', 'reconciler', 'admin', 'simulator'] as const;
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await anyPort()]))) as Ports;
}

/** The whole system as ./scripts/start --demo starts it, on free ports with a database of its own. */
async function startSmokeSystem({ infrastructure, tls, environment }: TestServers): Promise<void> {
  const uri = new URL(infrastructure.mongodbUri);
  uri.pathname = `/smoke-${process.pid}`;
  const options: SystemOptions = {
    stack,
    progress,
    infrastructure: { ...infrastructure, mongodbUri: uri.href },
    ports: await choosePorts(),
    tls,
    keys: loadKeys(layout.keysFile),
    env: { ...process.env, ...environment, KAFKA_TOPIC_PREFIX: `smoke-${process.pid}.` },
  };
  await startSystem({ ...options, connect: true, activity: false });
}

async function smoke(servers: TestServers): Promise<void> {
  try {
    await progress.step('the system for the smoke test runs', () => startSmokeSystem(servers));
  } catch (error) {
    fail(1, `the system for the smoke test\n  ${describeFailure(error)}`);
    return;
  }
  const script = join(layout.root, 'scripts', 'src', 'smoke.ts');
  await check('smoke', node([...typescriptArguments, script], { MUSTER_ADDRESSES_FILE: addressesFileOf(layout) }));
}

/** The schema of docker-compose.yml, by whichever compose is installed; without one, its unit test has to do. */
async function checkCompose(): Promise<void> {
  const tools = [['docker', 'compose'], ['docker-compose']] as const;
  const found = tools.find(([command, ...args]) => spawnSync(command, [...args, 'version']).status === 0);
  if (!found) {
    progress.say('── compose: not installed here; its unit test checks the file');
    total.skipped.push('compose');
    return;
  }
  const [command, ...args] = found;
  const keys = { MUSTER_KEYS: 'x', CLIENT_STATE_KEYS: 'x', MUSTER_BOOTSTRAP_KEY: 'x' };
  await check('compose', { command, args: [...args, 'config', '--quiet'], env: keys });
}

/** In this order: the types leave compiled packages behind, and a start makes all bundles at once ahead of them. */
async function checkBuild(): Promise<void> {
  const script = (name: string, ...args: string[]): Command =>
    node([...typescriptArguments, join(layout.root, 'scripts', 'src', `${name}.ts`), ...args]);
  await check('bundles', node(bundleArguments(layout)));
  await check('web', node(webBuildArguments(layout)));
  await check('types', node([moduleFile('typescript-native', 'bin', 'tsc'), '-b']));
  await check('env-example', script('env-example', '--check'));
  for (const name of ['secrets-scan', 'audit']) await check(name, script(name));
  await checkCompose();
}

async function testAll(): Promise<void> {
  // They start while format, types and lint are checked.
  const starting = startTestServers(stack, progress);
  starting.catch(() => undefined);
  // One core each; of what eslint and prettier take, a second one would be of no use to them.
  const format = check(
    'format',
    node([moduleFile('prettier', 'bin', 'prettier.cjs'), '--check', '.', '--log-level', 'warn']),
  );
  await Promise.all([format, checkBuild()]);
  const lint = check('lint', node([moduleFile('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0']));
  lint.catch(() => undefined);
  // Most files of unit tests wait for nothing; the integration tests wait for servers, so the last of lint runs beside them.
  await runMocha('unit');
  const servers = await starting;
  await Promise.all([lint, runMocha('int', servers.environment)]);
  await runMocha('e2e', servers.environment);
  await smoke(servers);
  // Side by side, each with servers of its own: the chaos run mostly waits, and the bench only shows that it works, for a
  // machine that runs tests is no place to judge a figure.
  await Promise.all([
    check('chaos', node([...typescriptArguments, join(layout.root, 'test', 'chaos', 'main.ts'), '--tiny'])),
    check(
      'bench',
      node([join(layout.root, 'test', 'dist', 'bench', 'main.js'), '--tiny', 'receiver', 'projector', 'reconciler']),
    ),
  ]);
}

/** What stops the run itself (no servers, a server that died) is one failure more. */
async function countFailure(error: unknown): Promise<void> {
  if (stack.isStopping()) await new Promise(() => undefined);
  fail(1, describeFailure(error));
}

await Promise.race([testAll(), stack.broken.then((error) => Promise.reject(error))]).catch(countFailure);
await stack.stop();
await clean();
for (const line of summarise(total)) console.log(line);
process.exit(total.failed === 0 ? 0 : 1);
