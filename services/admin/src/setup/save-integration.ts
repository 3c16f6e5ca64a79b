import type { IntegrationSettings } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { IntegrationsStore } from '@muster/store';
import { Problem } from '../http/problem.js';

export type SaveOptions = {
  integrations: IntegrationsStore;
  before: IntegrationSettings;
  change: Partial<IntegrationSettings>;
  /** The revision that the caller read; null when it did not say. */
  ifMatch: number | null;
  now: Now;
};

/** Saves an edit, unless somebody else saved in between. Removed integrations stay as they are. */
export async function saveIntegration(options: SaveOptions): Promise<IntegrationSettings> {
  const { integrations, before, change, ifMatch, now } = options;
  if (before.state === 'removed')
    throw new Problem(409, 'This integration was removed. Create a new one for the tenant.');
  if (ifMatch !== null && ifMatch !== before.revision) throw changedMeanwhile();
  const after = { ...before, ...change, revision: before.revision + 1, updatedAt: now().toISOString() };
  if (!(await integrations.replace(after, before.revision))) throw changedMeanwhile();
  return after;
}

const changedMeanwhile = (): Problem =>
  new Problem(412, 'Somebody changed this integration in the meantime. Read it again, then repeat the edit.');

export const toEtag = (settings: IntegrationSettings): string => `"${settings.revision}"`;
