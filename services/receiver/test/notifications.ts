import { randomBytes } from 'node:crypto';
import { signClientState, ZERO_ID } from '@muster/contracts';

/** What Graph would post, as documented and as captured; ids and keys of the tests. */
export const INTEGRATION = '0a0a0a0a-0000-4000-8000-00000000000a';
export const TENANT = '0b0b0b0b-0000-4000-8000-00000000000b';
export const USER = '0c0c0c0c-0000-4000-8000-00000000000c';
export const GROUP = '0d0d0d0d-0000-4000-8000-00000000000d';
export const SUBSCRIPTION = '0e0e0e0e-0000-4000-8000-00000000000e';
export const NEW_KEY = randomBytes(32);
export const OLD_KEY = randomBytes(32);
export const KEYS = [NEW_KEY, OLD_KEY];

export const sign = (tenantId = TENANT, integrationId = INTEGRATION, key = NEW_KEY): string =>
  signClientState({ integrationId, tenantId }, [key]);

export const userItem = (fields: object = {}): Record<string, unknown> => ({
  changeType: 'updated',
  clientState: sign(),
  resource: `Users/${USER}`,
  resourceData: {
    '@odata.type': '#Microsoft.Graph.User',
    '@odata.id': `Users/${USER}`,
    id: USER,
    organizationId: TENANT,
    eventTime: '2026-11-23T10:00:00.1234567Z',
  },
  subscriptionExpirationDateTime: '2026-12-01T00:00:00+00:00',
  subscriptionId: SUBSCRIPTION,
  tenantId: TENANT,
  ...fields,
});

export const lifecycleItem = (fields: object = {}): Record<string, unknown> => ({
  subscriptionId: SUBSCRIPTION,
  subscriptionExpirationDateTime: '2026-12-01T00:00:00+00:00',
  tenantId: TENANT,
  clientState: sign(),
  lifecycleEvent: 'reauthorizationRequired',
  ...fields,
});

export const canaryItem = (partition: number | string, fields: object = {}): Record<string, unknown> => ({
  changeType: 'updated',
  clientState: sign(ZERO_ID, ZERO_ID),
  resource: `Canary/${partition}`,
  subscriptionId: ZERO_ID,
  tenantId: ZERO_ID,
  ...fields,
});
