import { parse as parseYaml } from 'yaml';
import { CliError } from './cli-error.js';
import { fillVariables } from './fill-variables.js';

/** What a setup file asks for, its variables filled in; throws CliError, which never repeats what the file holds. */
export function readSettings(text: string, env: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const wanted = fillVariables(toPlain(parse(text)), env);
  if (typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) return wanted as Record<string, unknown>;
  throw new CliError('The file holds no settings.', 'Begin it with “integrations:” and a list below.');
}

/** JSON is YAML too. */
function parse(text: string): unknown {
  try {
    // Warnings would repeat the line as errors do.
    return parseYaml(text, { maxAliasCount: 10, logLevel: 'error' });
  } catch (error) {
    const { linePos } = error as { linePos?: { line: number }[] };
    const where = linePos?.[0] ? ` in line ${linePos[0].line}` : '';
    // The parser's own message repeats the line, which may hold a secret.
    throw new CliError(`The file is neither YAML nor JSON${where}.`, 'Mend it, then apply it again.');
  }
}

/** What YAML can say and JSON cannot: `&a [*a]` holds itself. */
function toPlain(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    throw new CliError('A part of the file holds itself, or lies too deep.', 'Write it out, then apply it again.');
  }
}
