import { randomUUID } from 'node:crypto';
import type { IntegrationSettings } from '@muster/contracts';

/** An integration that runs, for everyone, without a secret; `fields` say what matters to the test. */
export function toSettings(fields: Partial<IntegrationSettings> = {}): IntegrationSettings {
  const at = new Date().toISOString();
  return {
    integrationId: randomUUID(),
    name: 'Contoso',
    tenantId: randomUUID(),
    clientId: randomUUID(),
    cloud: 'custom',
    features: { userSync: true, mfaVerification: true },
    groupId: null,
    includeGuests: true,
    secrets: [],
    activeSlot: null,
    consent: 'application',
    state: 'active',
    revision: 1,
    createdAt: at,
    updatedAt: at,
    startedAt: at,
    ...fields,
  };
}
