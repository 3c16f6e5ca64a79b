import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { StackError } from './stack/stack-error.js';

export const SERVICES = ['receiver', 'subscription', 'projector', 'reconciler', 'admin'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Built code reads built code: plain node cannot read the source. */
const CONFIG = import.meta.url.includes('/scripts/dist/') ? join('dist', 'src', 'config.js') : join('src', 'config.ts');

/** The config schema of a service, read from its file; nothing imports a service at compile time. */
export async function loadServiceSchema(root: string, service: ServiceName): Promise<z.ZodObject> {
  const file = join(root, 'services', service, CONFIG);
  if (!existsSync(file)) throw new StackError(`services/${service}/${CONFIG} is missing.`);
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const schema = Object.values(module).find((value) => value instanceof z.ZodObject);
  if (schema instanceof z.ZodObject) return schema;
  throw new StackError(`services/${service}/${CONFIG} exports no zod object.`);
}
