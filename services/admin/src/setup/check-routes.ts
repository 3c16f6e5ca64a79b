import { z } from 'zod';
import { cloudUrls, guid, type CloudUrls } from '@muster/contracts';
import type { GraphFactory } from '@muster/graph-client';
import { openActiveSecret, type Sealer, type Store } from '@muster/store';
import { Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration } from '../keys/principal.js';
import { checkIntegration } from './check-integration.js';
import { toActiveSecret } from './domain/secret.js';

export type CheckRoutesOptions = {
  store: Pick<Store, 'integrations'>;
  sealer: Sealer;
  graphOf: GraphFactory;
  customCloud: CloudUrls;
};

const result = z
  .object({
    ok: z.boolean().describe('Every check went well.'),
    checks: z.array(
      z.object({
        name: z.enum(['tenant', 'secret', 'permissions', 'users', 'group', 'mfa-report']),
        ok: z.boolean(),
        detail: z.string(),
        cure: z.string().optional(),
      }),
    ),
    rights: z.array(
      z.object({
        permission: z.string(),
        state: z.enum(['proved', 'missing']),
        feature: z.enum(['userSync', 'mfaVerification', 'groupNotifications']),
        needed: z.boolean().describe('False: the feature works without it, only less well.'),
        costs: z.string().describe('What goes missing without it.'),
      }),
    ),
  })
  .meta({ id: 'CheckResult' });

export const checkRoutes = ({ store, sealer, graphOf, customCloud }: CheckRoutesOptions): Route[] => [
  defineRoute({
    method: 'post',
    path: '/integrations/{integrationId}/check',
    summary: 'Prove against the tenant that the settings work; changes nothing',
    tag: 'integrations',
    params: z.object({ integrationId: guid }),
    answer: { status: 200, description: 'What was proved and what was not.', schema: result },
    errors: [404, 409],
    handle: async ({ params: { integrationId }, principal }) => {
      const settings = await findIntegration(store.integrations, principal, integrationId);
      if (!toActiveSecret(settings))
        throw new Problem(409, 'This integration has no client secret. Enter one first (PATCH clientSecret).');
      const graph = graphOf({
        tenantId: settings.tenantId,
        clientId: settings.clientId,
        clientSecret: openActiveSecret(settings, sealer),
        ...cloudUrls(settings.cloud, customCloud),
      });
      return { body: await checkIntegration(graph, settings) };
    },
  }),
];
