import { z } from 'zod';
import { POLICY_SECONDS } from './access-token-life.js';
import type { DirectoryRole } from './directory-roles.js';
import { DIRECTORY_ROLES } from './directory-roles.js';

const texts = z.array(z.string().min(1));
/** A token-lifetime policy; null takes it away. */
const policyLife = z.number().min(POLICY_SECONDS.min).max(POLICY_SECONDS.max).nullable();
const uris = z.array(z.url());

export const registrationSchema = z.strictObject({
  audience: z.enum(['AzureADMyOrg', 'AzureADMultipleOrgs']).optional(),
  redirectUris: uris.optional(),
  spaRedirectUris: uris.optional(),
  requestedScopes: texts.optional(),
  grantedScopes: texts.optional(),
  groupClaims: z.boolean().optional(),
  accessTokenSeconds: policyLife.optional(),
});
export const appSchema = registrationSchema.extend({
  displayName: z.string().min(1).max(120).default('Another app'),
  requested: texts.default([]),
});
export const certificateSchema = z.strictObject({
  pem: z.string().startsWith('-----BEGIN CERTIFICATE-----'),
  displayName: z.string().min(1).default('by control'),
});
export const personSchema = z.strictObject({
  roles: z.array(z.enum(DIRECTORY_ROLES as [DirectoryRole, ...DirectoryRole[]])).optional(),
  /** Conditional access lets this person in nowhere. */
  blocked: z.boolean().optional(),
});
export const revocationSchema = z.strictObject({
  reason: z.enum(['revoked', 'passwordReset', 'passwordChange', 'refreshTokens']).default('revoked'),
});
export const tenantPolicySchema = z.strictObject({
  userConsent: z.enum(['allowed', 'blocked']).optional(),
  signInFrequencySeconds: z.number().positive().nullable().optional(),
  accessTokenSeconds: policyLife.optional(),
});
export const policySchema = z.strictObject({
  refuseAssertionReplay: z.boolean().optional(),
  tokenFault: z
    .strictObject({
      number: z.union([z.literal(90033), z.literal(90024), z.literal(90090)]),
      share: z.number().min(0).max(1).default(1),
    })
    .nullable()
    .optional(),
});
export const rotationSchema = z.strictObject({ publishOldForSeconds: z.number().min(0).optional() });
export const consentQuery = z.object({ user: z.string().optional() });

export type Registration = z.infer<typeof registrationSchema>;
export type AppInput = z.infer<typeof appSchema>;
export type PersonInput = z.infer<typeof personSchema>;
export type TenantPolicyInput = z.infer<typeof tenantPolicySchema>;
export type Revocation = z.infer<typeof revocationSchema>['reason'];
export type PolicyInput = z.infer<typeof policySchema>;

const time = z.iso.datetime();
const credential = { keyId: z.string(), displayName: z.string(), startsAt: time, endsAt: time };
export const appAnswer = z.object({
  clientId: z.guid(),
  displayName: z.string(),
  homeTenantId: z.guid().nullable(),
  enabled: z.boolean(),
  audience: z.string(),
  redirectUris: texts,
  spaRedirectUris: texts,
  requested: texts,
  granted: texts,
  requestedScopes: texts,
  grantedScopes: texts,
  userConsents: z.record(z.string(), texts),
  groupClaims: z.boolean(),
  accessTokenSeconds: z.number().nullable(),
  secrets: z.array(z.object(credential)),
  certificates: z.array(z.object({ ...credential, x5t: z.string(), 'x5t#S256': z.string() })),
});
export const newAppAnswer = appAnswer.extend({ clientSecret: z.string() });
export const personAnswer = z.object({
  id: z.guid(),
  roles: texts,
  blocked: z.boolean(),
  revokedAt: time.nullable(),
});
export const signInAnswer = z.object({
  userConsent: z.enum(['allowed', 'blocked']),
  signInFrequencySeconds: z.number().nullable(),
  accessTokenSeconds: z.number().nullable(),
  admins: z.array(z.object({ id: z.guid(), userPrincipalName: z.string(), displayName: z.string(), roles: texts })),
  apps: z.array(appAnswer),
  consentRequests: z.array(z.object({ at: time, clientId: z.guid(), userId: z.guid(), scopes: texts })),
});
export const policyAnswer = z.object({
  refuseAssertionReplay: z.boolean(),
  tokenFault: z.object({ number: z.int(), share: z.number() }).nullable(),
});
export const rotationAnswer = z.object({ kid: z.string(), published: texts });
