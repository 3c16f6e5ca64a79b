import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CliError } from './cli-error.js';

const keysFile = z.object({ MUSTER_BOOTSTRAP_KEY: z.string().min(1) });

/** MUSTER_API_KEY, else the key that the start script keeps in `.muster/keys.json`, here or in a folder above. */
export async function findKey(env: Record<string, string | undefined>, cwd: string): Promise<string> {
  const given = env.MUSTER_API_KEY?.trim();
  if (given) return given;
  for (let folder = cwd; ; folder = dirname(folder)) {
    const kept = await readKeysFile(join(folder, '.muster', 'keys.json'));
    if (kept !== null) return kept;
    if (dirname(folder) === folder) break;
  }
  throw new CliError(
    'There is no API key.',
    'Set MUSTER_API_KEY, or run this in the folder where ./scripts/start runs.',
  );
}

async function readKeysFile(path: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return null;
    throw new CliError(`${path} cannot be read.`, 'Set MUSTER_API_KEY in its place.', { cause: error });
  }
  const parsed = keysFile.safeParse(readJson(text));
  if (!parsed.success)
    throw new CliError(
      `${path} holds no MUSTER_BOOTSTRAP_KEY.`,
      'Set MUSTER_API_KEY, or let ./scripts/start make it anew.',
    );
  return parsed.data.MUSTER_BOOTSTRAP_KEY;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
