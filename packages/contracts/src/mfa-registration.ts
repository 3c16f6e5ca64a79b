import { z } from 'zod';
import { guid, instant } from './ids.js';

/**
 * One row of the MFA report. Every enum is open.
 * https://learn.microsoft.com/graph/api/resources/userregistrationdetails
 */
export const mfaRegistration = z.object({
  userId: guid,
  isAdmin: z.boolean().nullable(),
  isMfaRegistered: z.boolean(),
  isMfaCapable: z.boolean(),
  isPasswordlessCapable: z.boolean(),
  isSsprRegistered: z.boolean(),
  isSsprEnabled: z.boolean(),
  isSsprCapable: z.boolean(),
  isSystemPreferredAuthenticationMethodEnabled: z.boolean().nullable(),
  methodsRegistered: z.array(z.string()),
  systemPreferredAuthenticationMethods: z.array(z.string()),
  userPreferredMethodForSecondaryAuthentication: z.string().nullable(),
  /** When Microsoft refreshed the report, not when the person registered. */
  reportedAt: instant.nullable(),
});
export type MfaRegistration = z.infer<typeof mfaRegistration>;

/** Never a false "no": a missing row is `unknown`. */
export const mfaState = z.enum(['capable', 'registered', 'not-registered', 'unknown']);
export type MfaState = z.infer<typeof mfaState>;

/**
 * `registered` = a method is registered that policy does not allow. `stale`: the newest report no longer has the row; what
 * it said of a registration still counts, but its "no" does not, for nobody would see a registration since.
 */
export const toMfaState = (row: MfaRegistration | null, { stale = false }: { stale?: boolean } = {}): MfaState => {
  if (row === null) return 'unknown';
  if (row.isMfaCapable) return 'capable';
  if (row.isMfaRegistered) return 'registered';
  return stale ? 'unknown' : 'not-registered';
};

/** A document of `mfa`, `_id` = `{tenantId}/{userId}`. [fixed] */
export const mfaDocument = mfaRegistration.extend({
  tenantId: guid,
  state: mfaState,
  revision: z.int().positive(),
  observedAt: instant,
  changedAt: instant,
  /** True when the newest complete report no longer has this row: last good data, with its date. */
  stale: z.boolean(),
});
export type MfaDocument = z.infer<typeof mfaDocument>;
