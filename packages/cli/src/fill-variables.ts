import { CliError } from './cli-error.js';

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * `${NAME}` in any text of a file → the environment's value, so that no secret lies in the file. Filled in after the
 * file was read: a value cannot become structure. `$${NAME}` stays as `${NAME}`.
 */
export function fillVariables(value: unknown, env: Readonly<Record<string, string | undefined>>): unknown {
  if (typeof value === 'string') return fillText(value, env);
  if (Array.isArray(value)) return value.map((one) => fillVariables(one, env));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, fillVariables(held, env)]));
}

const fillText = (text: string, env: Readonly<Record<string, string | undefined>>): string =>
  text
    .split('$$')
    .map((part, index) => (index > 0 && part.startsWith('{') ? `$${part}` : fillPart(part, env)))
    .join('');

const fillPart = (text: string, env: Readonly<Record<string, string | undefined>>): string =>
  text.replaceAll(VARIABLE, (_whole, name: string) => {
    const value = env[name];
    if (value !== undefined && value !== '') return value;
    throw new CliError(`The file asks for \${${name}}, which is not set.`, `Set ${name} and apply the file again.`);
  });
