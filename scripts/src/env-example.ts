// Writes .env.example from the config schemas of the services; --check only tells whether it is current.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeConfig } from '@muster/config';
import type { FieldDescription } from '@muster/config';
import { loadServiceSchema, SERVICES } from './service-schemas.js';
import { createLayout } from './stack/layout.js';

type Variable = FieldDescription & { readonly services: string[] };

/** Each variable once, in the order of its first service, with everyone who reads it. */
async function collectVariables(root: string): Promise<Variable[]> {
  const variables = new Map<string, Variable>();
  for (const service of SERVICES) {
    for (const field of describeConfig(await loadServiceSchema(root, service))) {
      const known = variables.get(field.name);
      if (known) known.services.push(service);
      else variables.set(field.name, { ...field, services: [service] });
    }
  }
  return [...variables.values()];
}

/** Ports and certificates differ by service: an example that sets one for all would be wrong. */
const perService = new Set(['PORT', 'TLS_CERT_FILE', 'TLS_KEY_FILE']);

function formatVariable({ name, description, required, fallback, services }: Variable): string {
  const readers = services.length === SERVICES.length ? 'every service' : services.join(', ');
  const need = required ? 'required' : fallback ? `default ${fallback}` : 'optional';
  const about = perService.has(name) ? `${readers}; each its own` : `${readers}; ${need}`;
  const assignment = required ? `${name}=` : `# ${name}=${perService.has(name) ? '' : (fallback ?? '')}`;
  return `# ${description}\n# (${about})\n${assignment}\n`;
}

export async function formatEnvExample(root: string): Promise<string> {
  const variables = await collectVariables(root);
  const head =
    '# Written by "pnpm env:write" from services/*/src/config.ts; do not edit. docker-compose.yml reads .env.\n';
  return [head, ...variables.map(formatVariable)].join('\n');
}

const { root } = createLayout();
const file = join(root, '.env.example');
const wanted = await formatEnvExample(root);
if (process.argv.includes('--check')) {
  const current = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (current !== wanted) {
    console.error('.env.example is not what the config schemas say. Run: pnpm env:write');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, wanted);
}
