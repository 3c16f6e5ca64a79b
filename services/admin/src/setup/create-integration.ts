import { randomUUID } from 'node:crypto';
import { isFailure, type CloudName, type IntegrationSettings } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Sealer, Store } from '@muster/store';
import { Problem } from '../http/problem.js';
import { toFreeSlot, useSecret } from './domain/secret.js';
import type { NewIntegration } from './integration-schemas.js';
import { toCertificateSlot, toSecretSlot, type TypedSecret } from './seal-secret.js';

export type Sealing = { sealer: Sealer; now: Now };

/** A typed secret goes into the free slot and is in use. */
export const sealSecret = (
  settings: Pick<IntegrationSettings, 'integrationId' | 'activeSlot' | 'secrets'>,
  typed: TypedSecret,
  { sealer, now }: Sealing,
) => useSecret(settings, toSecretSlot(settings, toFreeSlot(settings), { typed, sealer, now: now() }));

type Typed = Pick<NewIntegration, 'clientSecret' | 'secretExpiresAt' | 'certificate'>;

/** The one that was typed is in use. */
function sealCredential(
  integrationId: string,
  { clientSecret, secretExpiresAt, certificate }: Typed,
  { sealer, now }: Sealing,
): Pick<IntegrationSettings, 'secrets' | 'activeSlot' | 'certificate'> {
  const none = { integrationId, secrets: [], activeSlot: null };
  if (clientSecret !== undefined && secretExpiresAt !== undefined)
    return sealSecret(none, { clientSecret, secretExpiresAt }, { sealer, now });
  if (certificate === undefined) return none;
  const slot = toCertificateSlot(none, { typed: certificate, sealer, now: now() });
  return { secrets: [], certificate: slot, activeSlot: 'certificate' };
}

export function toDraft(body: NewIntegration, options: Sealing & { defaultCloud: CloudName }): IntegrationSettings {
  const integrationId = randomUUID();
  const { clientSecret, secretExpiresAt, certificate, cloud = options.defaultCloud, ...typed } = body;
  const createdAt = options.now().toISOString();
  return {
    integrationId,
    ...typed,
    cloud,
    ...sealCredential(integrationId, { clientSecret, secretExpiresAt, certificate }, options),
    state: 'draft',
    revision: 1,
    createdAt,
    updatedAt: createdAt,
    startedAt: null,
  };
}

export async function insertIntegration(
  integrations: Store['integrations'],
  settings: IntegrationSettings,
): Promise<void> {
  try {
    await integrations.insert(settings);
  } catch (error) {
    if (!isFailure(error) || error.code !== 'integration.tenant-taken') throw error;
    throw new Problem(409, 'This tenant has an integration already. Edit that one, or remove it first.', {
      problems: [
        { field: 'tenantId', problem: 'is taken', cure: 'See GET /api/v1/integrations for the one that has it.' },
      ],
      cause: error,
    });
  }
}
