import { z } from 'zod';
import { guid, instant } from './ids.js';

/** A document of `permissionTables`, `_id` = integration id: what live probes showed last, by right. */
export const permissionTable = z.object({
  integrationId: guid,
  probedAt: instant,
  items: z.array(
    z.object({
      permission: z.string(),
      feature: z.enum(['userSync', 'mfaVerification', 'groupNotifications']),
      state: z.enum(['proved', 'missing', 'unknown']),
      /** Which of three things is missing; null where nothing is, or nobody knows. */
      why: z.enum(['consent', 'directory-role', 'licence']).nullable(),
      /** False: the feature works without it, only less well. */
      needed: z.boolean(),
      costs: z.string(),
      cure: z.string().nullable(),
    }),
  ),
});
export type PermissionTable = z.infer<typeof permissionTable>;
