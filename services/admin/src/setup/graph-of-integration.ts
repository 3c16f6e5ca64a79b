import { cloudUrls, type IntegrationSettings } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import { openActiveProof } from '@muster/store';
import { Problem } from '../http/problem.js';
import { attempt } from './explain-failure.js';
import type { SetupOptions } from './setup-options.js';

export type GraphOptions = Pick<SetupOptions, 'sealer' | 'graphOf' | 'customCloud'>;

/** The tenant of an integration, by the credential in use. */
export function toGraph(settings: IntegrationSettings, { sealer, graphOf, customCloud }: GraphOptions): Graph {
  if (settings.activeSlot === null)
    throw new Problem(409, 'This integration has no client secret. Enter one first (PUT …/secrets/a).');
  const { tenantId, clientId, cloud } = settings;
  return graphOf({ tenantId, clientId, ...openActiveProof(settings, sealer), ...cloudUrls(cloud, customCloud) });
}

/** What Microsoft refuses for good becomes 409 with the cure; what passes goes on upwards as 503. */
export async function askMicrosoft<T>(run: () => Promise<T>): Promise<T> {
  const tried = await attempt(run);
  if (!tried.refused) return tried.value;
  const { text, cure } = tried.refused;
  throw new Problem(409, `${text} ${cure}`);
}
