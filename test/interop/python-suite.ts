import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anyPort, createLayout, createProgress, createStack, describeFailure } from '@muster/scripts';
import type { Stack } from '@muster/scripts';
import { eventually, testServers } from '@muster/test-support';
import { prepareVenv } from '../src/python-venv.js';
import { createSimulatorClient } from '../src/simulator-client.js';

const FOLDER = fileURLToPath(new URL('./python', import.meta.url));
const REQUIREMENTS = join(FOLDER, 'requirements.txt');

/** As Python names it (`Class.test_it`), and as a sentence. */
export type PythonTest = { readonly id: string; readonly title: string };
/** Why a test failed; empty when it passed. */
export type Results = ReadonlyMap<string, string>;
export type PythonRun = { readonly code: number | undefined; readonly results: Results; readonly output: string };

function readTests(text: string): PythonTest[] {
  const tests: PythonTest[] = [];
  let group = '';
  for (const [, className, testName] of text.matchAll(/^class (\w+)|^ {4}(?:async )?def (test_\w+)/gm)) {
    group = className ?? group;
    if (testName)
      tests.push({ id: `${group}.${testName}`, title: testName.slice('test_'.length).replaceAll('_', ' ') });
  }
  return tests;
}

/** What the Python files declare, read before anything runs, so that mocha counts each. */
export const listPythonTests = (): PythonTest[] =>
  readdirSync(FOLDER)
    .filter((file) => /^test_\w+\.py$/.test(file))
    .flatMap((file) => readTests(readFileSync(join(FOLDER, file), 'utf8')));

/** The simulator as a process of its own, with one tenant; pages are small, so that there are many. */
async function startSimulator(stack: Stack) {
  const { tlsCertFile, tlsKeyFile, caFile } = testServers();
  const port = await anyPort();
  const { PATH, HOME } = process.env;
  await stack.startServer({
    name: 'simulator',
    command: process.execPath,
    args: ['--conditions=@muster/source', '--import', 'tsx', 'packages/graph-simulator/src/main.ts'],
    env: {
      ...{ PATH, HOME, PORT: String(port), NODE_EXTRA_CA_CERTS: caFile },
      ...{ TLS_CERT_FILE: tlsCertFile, TLS_KEY_FILE: tlsKeyFile },
    },
  });
  const origin = `https://localhost:${port}`;
  const client = createSimulatorClient(origin);
  await eventually(() => client.call('GET', '/healthz').then(() => true), { within: 60_000, what: 'the simulator' });
  await client.call('PATCH', '/settings', { pageSizes: { delta: 40 } });
  const nestedGroups = { count: 4, cycle: true, diamond: true };
  const tenant = await client.createTenant({ people: 300, groupMembers: 120, nestedGroups });
  return { origin, tenant };
}

const readResults = (file: string): Results =>
  new Map(
    (existsSync(file) ? readFileSync(file, 'utf8') : '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { test: string; trouble: string })
      .map(({ test, trouble }) => [test, trouble]),
  );

async function runOn(stack: Stack, say: (line: string) => void): Promise<PythonRun> {
  const { layout } = stack;
  const what = "Microsoft's SDKs for Python are installed";
  const venv = await prepareVenv(stack, { name: 'interop-venv', requirements: REQUIREMENTS, what }, say);
  const { origin, tenant } = await startSimulator(stack);
  const { tlsCertFile, tlsKeyFile, caFile } = testServers();
  const resultsFile = join(layout.home, 'results.jsonl');
  const { PATH, HOME } = process.env;
  const python = await stack.start({
    name: 'python',
    command: join(venv, 'bin', 'python'),
    args: [join(FOLDER, 'run.py'), resultsFile],
    // No more than this: variables that name another CA would go before the one that the SDKs are given.
    env: {
      ...{ PATH, HOME, PYTHONPYCACHEPREFIX: join(venv, 'pycache') },
      ...{ SIMULATOR_ORIGIN: origin, SIMULATOR_CA_FILE: caFile, SIMULATOR_TENANT: JSON.stringify(tenant) },
      ...{ TLS_CERT_FILE: tlsCertFile, TLS_KEY_FILE: tlsKeyFile },
    },
  });
  const { code } = await python.exited;
  return { code, results: readResults(resultsFile), output: readFileSync(join(layout.logs, 'python.log'), 'utf8') };
}

/** Installs what is missing, starts the simulator, runs every Python test against it, stops all. */
export async function runPythonTests(): Promise<PythonRun> {
  const layout = createLayout(join('.muster', `test-${process.pid}`, 'interop'));
  const { say } = createProgress((line) => console.log(line));
  const stack = createStack(layout, say);
  try {
    return await runOn(stack, say);
  } catch (error) {
    throw new Error(describeFailure(error), { cause: error });
  } finally {
    await stack.stop();
  }
}
