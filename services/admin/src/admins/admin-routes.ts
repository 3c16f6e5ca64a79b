import { z } from 'zod';
import { guid, type TenantAdmins } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import { defineRoute, type Route } from '../http/route.js';
import { ALL_SCOPES, assertHas, findIntegration } from '../keys/principal.js';
import { saveIntegration, toEtag } from '../setup/save-integration.js';

export type AdminRoutesOptions = { store: Pick<Store, 'integrations'>; now: Now };

const fields = {
  people: z
    .array(
      z
        .string()
        .trim()
        .min(3)
        .max(256)
        .regex(/^[^\s/]+$/, 'is neither an object id nor a user principal name'),
    )
    .max(100)
    .describe('Object ids (they stay when a name changes) or user principal names.'),
  groupId: guid.nullable().describe('Whoever is in this group too, nested groups included; Graph is asked.'),
};
const adminsView = z.object({ integrationId: z.string(), ...fields }).meta({ id: 'TenantAdmins' });
const params = z.object({ integrationId: guid });
const NONE: TenantAdmins = { people: [], groupId: null };

/** Who of a tenant administers its integration. They must be let in by the gate like everyone. */
export const adminRoutes = ({ store: { integrations }, now }: AdminRoutesOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/integrations/{integrationId}/admins',
    summary: 'Who of the tenant administers this integration',
    tag: 'integrations',
    params,
    answer: { status: 200, description: 'People and group.', schema: adminsView },
    errors: [404],
    handle: async ({ params: { integrationId }, principal }) => {
      const settings = await findIntegration(integrations, principal, integrationId);
      return { body: { integrationId, ...(settings.admins ?? NONE) }, headers: { ETag: toEtag(settings) } };
    },
  }),
  defineRoute({
    method: 'put',
    path: '/integrations/{integrationId}/admins',
    summary:
      'Say who of the tenant administers this integration; a key needs all scopes, for an administrator has them',
    tag: 'integrations',
    scopes: ['keys'],
    params,
    body: z.strictObject(fields),
    ifMatch: 'optional',
    answer: { status: 200, description: 'As it is now.', schema: adminsView },
    errors: [404, 409, 412],
    handle: async ({ params: { integrationId }, body, principal, ifMatch }) => {
      // Whoever is named may do everything here.
      assertHas(principal, ALL_SCOPES);
      const before = await findIntegration(integrations, principal, integrationId);
      const after = await saveIntegration({ integrations, before, change: { admins: body }, ifMatch, now });
      return { body: { integrationId, ...body }, headers: { ETag: toEtag(after) } };
    },
  }),
];
