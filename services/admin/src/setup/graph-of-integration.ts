import { isFailure, type IntegrationSettings } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import { Problem } from '../http/problem.js';
import { explainFailure } from './explain-failure.js';
import type { SetupOptions } from './setup-options.js';

/** The tenant of an integration: as the app itself, or on behalf of the admin who consented; 409 without a credential. */
export function toGraph(settings: IntegrationSettings, { graphFor }: Pick<SetupOptions, 'graphFor'>): Graph {
  if (settings.activeSlot === null)
    throw new Problem(
      409,
      'This integration has no client secret and no certificate. Enter one first (PUT …/secrets/a).',
    );
  return graphFor(settings);
}

/**
 * What Microsoft refuses for good becomes 409 with the cure, and so does a credential that cannot be opened; what passes
 * goes on upwards as 503.
 */
export async function askMicrosoft<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isFailure(error) || error.retryable) throw error;
    const { text, cure } = explainFailure(error);
    throw new Problem(409, `${text} ${cure}`, { cause: error });
  }
}
