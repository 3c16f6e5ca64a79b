import { CliError } from './cli-error.js';
import type { Terminal } from './terminal.js';

/** Arguments are seen by every user of a machine and kept by shells: a secret never comes that way. */
export async function readSecret(terminal: Terminal, command: string): Promise<string> {
  const secret = terminal.env.MUSTER_CLIENT_SECRET?.trim() ?? (await terminal.readStdin())?.trim();
  if (secret) return secret;
  throw new CliError(
    'There is no client secret.',
    `Pipe it in (${command} … < secret.txt) or set MUSTER_CLIENT_SECRET.`,
  );
}

export function toInstant(text: string): string {
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new CliError(`--secret-expires is not a date: ${text}.`, 'Write it like 2028-01-31.');
}
