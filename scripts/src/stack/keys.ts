import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { StackError } from './stack-error.js';

const keysSchema = z.object({
  MUSTER_KEYS: z.string().min(1),
  CLIENT_STATE_KEYS: z.string().min(1),
  MUSTER_BOOTSTRAP_KEY: z.string().min(20),
});

export type Keys = z.infer<typeof keysSchema>;

const createKeys = (): Keys => ({
  MUSTER_KEYS: randomBytes(32).toString('base64'),
  CLIENT_STATE_KEYS: randomBytes(32).toString('base64'),
  MUSTER_BOOTSTRAP_KEY: randomBytes(32).toString('base64url'),
});

/** The keys of a development system: made once, then kept, or sealed secrets could not be opened again. */
export function loadKeys(file: string): Keys {
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(createKeys(), null, 2)}\n`, { mode: 0o600 });
  try {
    return keysSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new StackError(
      `${file} cannot be read as keys.`,
      'Put the file back, or begin anew with ./scripts/start --reset',
    );
  }
}
