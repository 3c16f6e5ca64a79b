import { randomUUID } from 'node:crypto';
import type { IntegrationSettings } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import { createTokenVault, openCredentials } from '@muster/tenant-access';
import { Problem } from '../http/problem.js';
import { attempt } from './explain-failure.js';
import type { SetupOptions } from './setup-options.js';

export type GraphOptions = Pick<SetupOptions, 'sealer' | 'graphOf' | 'customCloud' | 'store' | 'now'>;

/** One of the processes that may refresh the tokens of a consent. */
const HOLDER = `admin-${randomUUID()}`;

/** The tenant of an integration: as the app itself, or on behalf of the admin who consented. */
export function toGraph(
  settings: IntegrationSettings,
  { sealer, graphOf, customCloud, store, now }: GraphOptions,
): Graph {
  if (settings.activeSlot === null)
    throw new Problem(409, 'This integration has no client secret. Enter one first (PUT …/secrets/a).');
  const delegated =
    settings.consent === 'delegated' ? createTokenVault(settings, { store, sealer, holder: HOLDER, now }) : undefined;
  return graphOf({ ...openCredentials(settings, { sealer, custom: customCloud }), delegated });
}

/** What Microsoft refuses for good becomes 409 with the cure; what passes goes on upwards as 503. */
export async function askMicrosoft<T>(run: () => Promise<T>): Promise<T> {
  const tried = await attempt(run);
  if (!tried.refused) return tried.value;
  const { text, cure } = tried.refused;
  throw new Problem(409, `${text} ${cure}`);
}
