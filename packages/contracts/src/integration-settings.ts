import { z } from 'zod';
import { cloudName } from './clouds.js';
import { guid, instant } from './ids.js';

/** The seed page's permissions by feature, and what more buys. Names as in Entra. */
export const PERMISSIONS = {
  userSync: ['User.Read.All', 'GroupMember.Read.All'],
  mfaVerification: ['AuditLog.Read.All', 'Reports.Read.All'],
  /** Optional: group changes by notification in place of delta. */
  groupNotifications: ['Group.Read.All'],
} as const;

const secretSlot = z.object({
  slot: z.enum(['a', 'b']),
  /** AES-256-GCM, sealed with the key ring; only the graph client opens it. */
  sealed: z.string(),
  /** Last four characters, so that people can tell secrets apart. */
  hint: z.string(),
  expiresAt: instant,
  addedAt: instant,
});
export type SecretSlot = z.infer<typeof secretSlot>;

/** In place of a secret: https://learn.microsoft.com/entra/identity-platform/certificate-credentials */
const certificateSlot = z.object({
  /** SHA-256 of the certificate, hex; Entra shows it, and it says which one signs. */
  thumbprintSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The private key as PEM (PKCS #8), sealed like a secret. */
  sealedKey: z.string(),
  expiresAt: instant,
  addedAt: instant,
});
export type CertificateSlot = z.infer<typeof certificateSlot>;

export const credentialSlot = z.enum(['a', 'b', 'certificate']);
export type CredentialSlot = z.infer<typeof credentialSlot>;

/**
 * `draft`: typed in, nothing runs. `active`: subscribed and synced. `paused`: subscriptions stay, nothing is read.
 * `removed`: unsubscribed, its events are dropped, its people are shown to nobody and may not sign in. Their documents
 * wait for a new integration of the tenant, whose first load removes whom it does not admit; after `PURGE_AFTER` (30 days)
 * they leave the scope, and only ids are kept.
 */
export const integrationState = z.enum(['draft', 'active', 'paused', 'removed']);
export type IntegrationState = z.infer<typeof integrationState>;

/** Who of the tenant may administer its integration: people by object id or user principal name, and a group. */
export const tenantAdmins = z.object({ people: z.array(z.string()).max(100), groupId: guid.nullable() });
export type TenantAdmins = z.infer<typeof tenantAdmins>;

/** A document of `integrations`: one tenant that Muster serves. */
export const integrationSettings = z.object({
  integrationId: guid,
  name: z.string().min(1).max(120),
  tenantId: guid,
  clientId: guid,
  cloud: cloudName,
  features: z.object({ userSync: z.boolean(), mfaVerification: z.boolean() }),
  /** Null: everyone is in scope. */
  groupId: guid.nullable(),
  includeGuests: z.boolean(),
  secrets: z.array(secretSlot).max(2),
  certificate: certificateSlot.nullish(),
  /** With which the app proves itself. */
  activeSlot: credentialSlot.nullable(),
  /** `application`: the app itself reads Graph. `delegated`: on behalf of the admin who consented (`tokenCaches`). */
  consent: z.enum(['application', 'delegated']),
  state: integrationState,
  /** Absent: nobody of the tenant; operators administer it. */
  admins: tenantAdmins.optional(),
  /** Raised with each edit; guards against two admins overwriting each other. */
  revision: z.int().positive(),
  createdAt: instant,
  updatedAt: instant,
  startedAt: instant.nullable(),
  /** When it was last started again after a pause: ahead of it nothing was read. Absent: it never was. */
  resumedAt: instant.nullish(),
});
export type IntegrationSettings = z.infer<typeof integrationSettings>;
