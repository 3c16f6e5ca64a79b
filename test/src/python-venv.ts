import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isVenvMade, makeVenv, venvOf, type Stack, type VenvSpec } from '@muster/scripts';

export type Wanted = {
  name: string;
  /** The file of pinned requirements; when it changes, the environment is made anew. */
  requirements: string;
  /** Said while it is installed. */
  what: string;
};

/** The folder of a virtual environment that holds what is required; installs it the first time. */
export async function prepareVenv(
  stack: Stack,
  { name, requirements, what }: Wanted,
  say: (line: string) => void,
): Promise<string> {
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const venv: VenvSpec = { name, packages: ['-r', requirements], version };
  if (!isVenvMade(stack.layout, venv)) {
    say(`${what} (once, a minute or two)`);
    await makeVenv(stack, venv);
  }
  return venvOf(stack.layout, venv);
}
