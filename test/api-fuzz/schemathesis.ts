import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLayout, createProgress, createStack, describeFailure } from '@muster/scripts';
import { prepareVenv } from '../src/python-venv.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const REQUIREMENTS = join(FOLDER, 'requirements.txt');

export type FuzzOptions = {
  /** Origin of the admin service. */
  origin: string;
  apiKey: string;
  /** Every webhook that it names. */
  sinkUrl: string;
  /** Of generated requests, after those that cover each limit of the schemas. */
  seconds: number;
  /** At most so many for one operation. */
  maxExamples: number;
};

/** Runs Schemathesis against the document that a running system serves; `output` says what it found. */
export async function runSchemathesis(options: FuzzOptions): Promise<{ code: number | undefined; output: string }> {
  const layout = createLayout(join('.muster', `test-${process.pid}`, 'schemathesis'));
  const { say } = createProgress((line) => console.log(line));
  const stack = createStack(layout, say);
  try {
    const what = 'Schemathesis is installed';
    const venv = await prepareVenv(stack, { name: 'schemathesis-venv', requirements: REQUIREMENTS, what }, say);
    const { PATH, HOME } = process.env;
    const child = await stack.start({
      name: 'schemathesis',
      command: join(venv, 'bin', 'schemathesis'),
      args: toArguments(options),
      // Its own state (examples that failed) stays in the run's folder.
      cwd: layout.home,
      env: {
        ...{ PATH, HOME, PYTHONPATH: FOLDER, PYTHONPYCACHEPREFIX: join(venv, 'pycache'), COLUMNS: '140' },
        ...{ SCHEMATHESIS_HOOKS: 'hooks', MUSTER_API_KEY: options.apiKey, MUSTER_SINK_URL: options.sinkUrl },
      },
    });
    const { code } = await child.exited;
    return { code, output: readFileSync(join(layout.logs, 'schemathesis.log'), 'utf8') };
  } catch (error) {
    throw new Error(describeFailure(error), { cause: error });
  } finally {
    await stack.stop();
  }
}

const toArguments = ({ origin, seconds, maxExamples }: FuzzOptions): string[] => [
  ...['--config-file', join(FOLDER, 'schemathesis.toml'), '--no-color', 'run', `${origin}/api/v1/openapi.json`],
  ...['--url', `${origin}/api/v1`, '--phases', 'examples,coverage,fuzzing'],
  ...['--max-examples', String(maxExamples), '--max-time', String(seconds)],
  // Python 3.11 parses source in one thread at a time only: with two, a run ended now and then with a SystemError of `ast`.
  ...['--workers', '1'],
];
