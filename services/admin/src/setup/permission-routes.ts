import { z } from 'zod';
import { guid, permissionTable } from '@muster/contracts';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration } from '../keys/principal.js';
import { toLeastPrivilege } from './domain/setup-guide.js';
import { askMicrosoft, toGraph } from './graph-of-integration.js';
import { probePermissions } from './probe-permissions.js';
import type { SetupOptions } from './setup-options.js';

const params = z.object({ integrationId: guid });
const table = z
  .object({
    probedAt: z.string().nullable().describe('Null: never yet.'),
    items: z.array(permissionTable.shape.items.element),
    leastPrivilege: z.array(z.string()).describe('The fewest permissions that the chosen features work with.'),
  })
  .meta({ id: 'PermissionTable' });

/** What the app may really do, by live probes, and what each missing right costs. */
export function permissionRoutes(options: SetupOptions): Route[] {
  const { store, receiverUrl, now } = options;

  const last = defineRoute({
    method: 'get',
    path: '/integrations/{integrationId}/permissions',
    summary: 'What the last probes showed, right by right',
    tag: 'setup',
    params,
    answer: { status: 200, description: 'Empty while nothing was probed.', schema: table },
    errors: [404],
    handle: async ({ params: { integrationId }, principal }) => {
      const { features, groupId } = await findIntegration(store.integrations, principal, integrationId);
      const kept = await store.permissionTables.get(integrationId);
      const leastPrivilege = toLeastPrivilege(features, { hasGroup: groupId !== null });
      return { body: { probedAt: kept?.probedAt ?? null, items: kept?.items ?? [], leastPrivilege } };
    },
  });

  const probe = defineRoute({
    method: 'post',
    path: '/integrations/{integrationId}/permissions/probe',
    summary: 'Try each right now: read one page each, create and delete a subscription',
    tag: 'setup',
    params,
    answer: { status: 200, description: 'What was proved and what is missing.', schema: table },
    errors: [404, 409],
    handle: async ({ params: { integrationId }, principal }) => {
      const settings = await findIntegration(store.integrations, principal, integrationId);
      const found = await askMicrosoft(() =>
        probePermissions(toGraph(settings, options), settings, { receiverUrl, now }),
      );
      await store.permissionTables.save(found);
      const leastPrivilege = toLeastPrivilege(settings.features, { hasGroup: settings.groupId !== null });
      return { body: { ...found, leastPrivilege } };
    },
  });

  return [last, probe];
}
