import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLayout, createProgress, createStack, describeFailure } from '@muster/scripts';
import { prepareVenv } from '../src/python-venv.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const REQUIREMENTS = join(FOLDER, 'requirements.txt');

/** What paths name, by the name of the parameter; `removable`: the integrations that a request may remove. */
export type KnownIds = { integrationId: string[]; userId: string[]; removable: string[] };
export type FuzzOptions = {
  /** Origin of the admin service. */
  origin: string;
  apiKey: string;
  /** Every webhook that it names. */
  sinkUrl: string;
  ids: KnownIds;
  /** Of generated requests, after those that cover each limit of the schemas. */
  seconds: number;
  /** At most so many for one operation. */
  maxExamples: number;
};

export type FuzzResult = {
  code: number | undefined;
  /** What it found. */
  output: string;
  /** Operations of which a request was answered 2xx, as `GET /path/{id}`. */
  answered: ReadonlySet<string>;
};

/** Runs Schemathesis against the document that a running system serves. */
export async function runSchemathesis(options: FuzzOptions): Promise<FuzzResult> {
  const layout = createLayout(join('.muster', `test-${process.pid}`, 'schemathesis'));
  const { say } = createProgress((line) => console.log(line));
  const stack = createStack(layout, say);
  try {
    const what = 'Schemathesis is installed';
    const venv = await prepareVenv(stack, { name: 'schemathesis-venv', requirements: REQUIREMENTS, what }, say);
    const { PATH, HOME } = process.env;
    const answeredFile = join(layout.home, 'answered');
    const child = await stack.start({
      name: 'schemathesis',
      command: join(venv, 'bin', 'schemathesis'),
      args: toArguments(options),
      // Its own state (examples that failed) stays in the run's folder.
      cwd: layout.home,
      env: {
        ...{ PATH, HOME, PYTHONPATH: FOLDER, PYTHONPYCACHEPREFIX: join(venv, 'pycache'), COLUMNS: '140' },
        ...{ SCHEMATHESIS_HOOKS: 'hooks', MUSTER_API_KEY: options.apiKey, MUSTER_SINK_URL: options.sinkUrl },
        ...{ MUSTER_KNOWN_IDS: JSON.stringify(options.ids), MUSTER_ANSWERED_FILE: answeredFile },
      },
    });
    const { code } = await child.exited;
    const answered = existsSync(answeredFile) ? readFileSync(answeredFile, 'utf8').split('\n') : [];
    return { code, output: readFileSync(join(layout.logs, 'schemathesis.log'), 'utf8'), answered: new Set(answered) };
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
