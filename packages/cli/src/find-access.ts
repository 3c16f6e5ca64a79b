import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CliError } from './cli-error.js';

const keysFile = z.object({ MUSTER_BOOTSTRAP_KEY: z.string().min(1) });
const addressesFile = z.object({ adminUrl: z.url() });

export type Access = { origin: string; key: string };
type Environment = Record<string, string | undefined>;

/**
 * MUSTER_URL and MUSTER_API_KEY; what is not given comes from `.muster/`, here or in a folder above, where the start
 * script keeps its key and, while it runs, its addresses. The kept key goes to the kept address only, unless a person
 * names another: who holds the usual port may be anyone.
 */
export async function findAccess(env: Environment, cwd: string): Promise<Access> {
  const [key, origin] = [env.MUSTER_API_KEY?.trim(), env.MUSTER_URL?.trim()];
  if (key && origin) return { key, origin };
  for (let folder = cwd; ; folder = dirname(folder)) {
    const kept = await readKept(join(folder, '.muster', 'keys.json'), keysFile, 'MUSTER_BOOTSTRAP_KEY');
    if (kept !== null) return { key: key ?? kept.MUSTER_BOOTSTRAP_KEY, origin: origin ?? (await readOrigin(folder)) };
    if (dirname(folder) === folder) break;
  }
  if (key) return { key, origin: 'http://localhost:4000' };
  throw new CliError(
    'There is no API key.',
    'Set MUSTER_API_KEY, or run this in the folder where ./scripts/start runs.',
  );
}

async function readOrigin(folder: string): Promise<string> {
  const addresses = await readKept(join(folder, '.muster', 'addresses.json'), addressesFile, 'adminUrl');
  if (addresses) return addresses.adminUrl;
  throw new CliError('Muster does not run here.', 'Start it with ./scripts/start, or set MUSTER_URL.');
}

/** Null when there is no such file. */
async function readKept<T extends z.ZodType>(path: string, shape: T, wanted: string): Promise<z.infer<T> | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return null;
    throw new CliError(`${path} cannot be read.`, 'Set MUSTER_URL and MUSTER_API_KEY in its place.', { cause: error });
  }
  const parsed = shape.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  throw new CliError(`${path} holds no ${wanted}.`, 'Set MUSTER_URL and MUSTER_API_KEY, or run ./scripts/start anew.');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
