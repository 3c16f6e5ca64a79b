import { parse } from 'yaml';
import { Problem } from './problem.js';

/** Neither an error nor a warning of the parser comes out: both repeat the line, which may hold a secret. */
export function readYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 10, logLevel: 'error' });
  } catch {
    throw new Problem(400, 'The body is not YAML that can be read.');
  }
}
