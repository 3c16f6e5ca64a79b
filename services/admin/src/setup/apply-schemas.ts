import { z } from 'zod';
import { cloudName, guid } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import { fields, refineCredential, typedCertificate } from './integration-schemas.js';
import { scopePreview } from './preview-scope.js';

const wantedIntegration = (now: Now) =>
  z
    .strictObject(fields(now))
    .partial()
    .extend({
      tenantId: guid.describe('Which integration is meant: there is one a tenant.'),
      cloud: cloudName.optional(),
      certificate: typedCertificate.optional().describe('In place of a client secret and its expiry.'),
      state: z.enum(['active', 'paused']).optional().describe('Left out: as it is; a new one is a draft.'),
    })
    .superRefine(refineCredential({ needed: false }));
export type WantedIntegration = z.infer<ReturnType<typeof wantedIntegration>>;

export const applyFile = (now: Now) =>
  z.strictObject({
    version: z.literal(1).optional(),
    dryRun: z.boolean().optional().describe('Only says what would be done.'),
    integrations: z
      .array(wantedIntegration(now))
      .min(1)
      .max(100)
      .superRefine((items, context) => {
        const seen = new Set<string>();
        items.forEach(({ tenantId }, index) => {
          if (seen.has(tenantId))
            context.addIssue({
              ...{ code: 'custom', path: [index, 'tenantId'], message: 'comes twice' },
              params: { cure: 'Say everything about a tenant in one entry.' },
            });
          seen.add(tenantId);
        });
      }),
  });

export const applied = z.object({
  tenantId: z.string(),
  integrationId: z.string().nullable(),
  outcome: z.enum(['created', 'changed', 'unchanged', 'refused']),
  changes: z.array(z.string()).describe('Fields that changed; of a secret its name only.'),
  problem: z.string().nullable(),
  scope: scopePreview
    .nullable()
    .describe('Who would gain and who would lose, where a dry run changes who is in scope.'),
});
export type Applied = z.infer<typeof applied>;

export const applyResult = z
  .object({ ok: z.boolean(), dryRun: z.boolean(), items: z.array(applied) })
  .meta({ id: 'ApplyResult' });
