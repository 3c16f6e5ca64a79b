import { z } from 'zod';
import { guid } from '@muster/contracts';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration } from '../keys/principal.js';
import { askMicrosoft, toGraph } from './graph-of-integration.js';
import { previewScope, scopePreview } from './preview-scope.js';
import type { SetupOptions } from './setup-options.js';

const wantedScope = z.strictObject({
  groupId: guid.nullable().optional().describe('Null: everyone. Left out: as it is stored.'),
  features: z.strictObject({ userSync: z.boolean(), mfaVerification: z.boolean() }).optional(),
  includeGuests: z.boolean().optional(),
});

export const previewRoutes = (options: SetupOptions): Route[] => [
  defineRoute({
    method: 'post',
    path: '/integrations/{integrationId}/preview',
    changesNothing: true,
    summary: 'Who would gain and who would lose by a change, or by the first sync; changes nothing',
    tag: 'setup',
    params: z.object({ integrationId: guid }),
    body: wantedScope,
    answer: { status: 200, description: 'Counts and some names.', schema: scopePreview },
    errors: [404, 409],
    handle: async ({ params: { integrationId }, body, principal }) => {
      const settings = await findIntegration(options.store.integrations, principal, integrationId);
      const wanted = {
        groupId: body.groupId === undefined ? settings.groupId : body.groupId,
        features: body.features ?? settings.features,
        includeGuests: body.includeGuests ?? settings.includeGuests,
      };
      const asked = { settings, wanted, store: options.store };
      return { body: await askMicrosoft(() => previewScope(toGraph(settings, options), asked)) };
    },
  }),
];
