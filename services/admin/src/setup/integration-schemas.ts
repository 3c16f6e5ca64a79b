import { z } from 'zod';
import { cloudName, guid, integrationState, toActiveCredential, type IntegrationSettings } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import { isGuid } from './domain/secret.js';

const secretValue = z
  .string()
  .trim()
  .min(8)
  .max(512)
  .superRefine((text, context) => {
    if (!isGuid(text)) return;
    context.addIssue({
      code: 'custom',
      message: "is a GUID: that is the secret's id, not its value",
      params: { cure: "Paste the secret's Value, from the column beside the Secret ID in Entra." },
    });
  })
  .describe('The value of the client secret; never given back.');

const futureInstant = (now: Now) =>
  z.iso
    .datetime({ offset: true })
    .superRefine((text, context) => {
      if (new Date(text) > now()) return;
      context.addIssue({
        code: 'custom',
        message: 'is in the past',
        params: { cure: 'Make a new client secret in Entra (Certificates & secrets) and paste its value and expiry.' },
      });
    })
    .describe('When the client secret expires, as Entra shows it.');

const features = z
  .strictObject({ userSync: z.boolean(), mfaVerification: z.boolean() })
  .superRefine(({ userSync, mfaVerification }, context) => {
    if (userSync || mfaVerification) return;
    context.addIssue({
      code: 'custom',
      message: 'are all off, so nothing would be done',
      params: { cure: 'Turn on userSync, mfaVerification or both; pause the integration to stop it.' },
    });
  });

export const fields = (now: Now) => ({
  name: z.string().trim().min(1).max(120),
  clientId: guid.describe('Application (client) ID of the app registration.'),
  clientSecret: secretValue,
  secretExpiresAt: futureInstant(now),
  groupId: guid.nullable().describe('Object ID of the group whose people are in scope; null: everyone.'),
  features,
  includeGuests: z.boolean(),
  consent: z
    .enum(['application', 'delegated'])
    .describe('As itself, or on behalf of the admin who signs in and consents.'),
});

const pem = z.string().trim().min(64).max(16_384);
export const typedCertificate = z.strictObject({
  certificate: pem.describe('PEM; the same as uploaded in Entra under Certificates & secrets › Certificates.'),
  privateKey: pem.describe('RSA key as PEM, without a passphrase; never given back.'),
});

type Credential = { clientSecret?: unknown; secretExpiresAt?: unknown; certificate?: unknown };

/** What is wrong with how an app is to prove itself: a secret with its end, or a certificate; `needed`: one of them. */
export function listCredentialIssues(given: Credential, { needed }: { needed: boolean }) {
  const { clientSecret, secretExpiresAt, certificate } = given;
  const isNone = clientSecret === undefined && secretExpiresAt === undefined;
  if (certificate !== undefined)
    return isNone
      ? []
      : [
          {
            path: 'certificate',
            message: 'comes with a client secret',
            cure: 'Give one of the two; enter the other afterwards.',
          },
        ];
  if (isNone && !needed) return [];
  const cure = needed
    ? 'Give the client secret and its expiry together, or a certificate with its private key.'
    : 'Give the client secret and its expiry together.';
  return (['clientSecret', 'secretExpiresAt'] as const).flatMap((path) =>
    given[path] === undefined ? [{ path, message: 'is missing', cure }] : [],
  );
}

/** For `superRefine`, with {@link BESIDE}. */
export const refineCredential =
  (options: { needed: boolean }) =>
  (given: Credential, context: z.core.$RefinementCtx): void => {
    for (const { path, message, cure } of listCredentialIssues(given, options))
      context.addIssue({ code: 'custom', path: [path], message, params: { cure } });
  };
/** Said beside what else is wrong, not after it. */
export const BESIDE = {
  when: ({ value }: z.core.ParsePayload): boolean => typeof value === 'object' && value !== null,
};

export const newIntegration = (now: Now) => {
  const common = fields(now);
  return z
    .strictObject({
      ...common,
      clientSecret: common.clientSecret.optional(),
      secretExpiresAt: common.secretExpiresAt.optional(),
      certificate: typedCertificate.optional().describe('In place of a client secret and its expiry.'),
      tenantId: guid.describe('Directory (tenant) ID.'),
      groupId: common.groupId.default(null),
      features: common.features.default({ userSync: true, mfaVerification: true }),
      includeGuests: common.includeGuests.default(true),
      consent: common.consent.default('application'),
      cloud: cloudName
        .optional()
        .describe('`custom` takes GRAPH_URL and LOGIN_URL, and is the default when they are set.'),
    })
    .superRefine(refineCredential({ needed: true }), BESIDE);
};
export type NewIntegration = z.infer<ReturnType<typeof newIntegration>>;

export const integrationEdit = (now: Now) =>
  z
    .strictObject(fields(now))
    .partial()
    .superRefine(refineCredential({ needed: false }));
export type IntegrationEdit = z.infer<ReturnType<typeof integrationEdit>>;

export const integrationView = z
  .object({
    integrationId: z.string(),
    name: z.string(),
    tenantId: z.string(),
    clientId: z.string(),
    cloud: cloudName,
    features: z.object({ userSync: z.boolean(), mfaVerification: z.boolean() }),
    groupId: z.string().nullable(),
    includeGuests: z.boolean(),
    consent: z.enum(['application', 'delegated']),
    state: integrationState,
    secret: z
      .object({ hint: z.string().describe('Its last four characters.'), expiresAt: z.string(), addedAt: z.string() })
      .nullable(),
    revision: z.int(),
    createdAt: z.string(),
    updatedAt: z.string(),
    startedAt: z.string().nullable(),
  })
  .meta({ id: 'Integration' });
export type IntegrationView = z.infer<typeof integrationView>;

export const remarks = z.array(z.string()).describe('No errors; what somebody may regret later.');

/** Field by field, so that nothing sealed ever slips out. */
export function toIntegrationView(settings: IntegrationSettings): IntegrationView {
  const secret = toActiveCredential(settings);
  return {
    integrationId: settings.integrationId,
    name: settings.name,
    tenantId: settings.tenantId,
    clientId: settings.clientId,
    cloud: settings.cloud,
    features: settings.features,
    groupId: settings.groupId,
    includeGuests: settings.includeGuests,
    consent: settings.consent,
    state: settings.state,
    secret: secret && { hint: secret.hint, expiresAt: secret.expiresAt, addedAt: secret.addedAt },
    revision: settings.revision,
    createdAt: settings.createdAt,
    updatedAt: settings.updatedAt,
    startedAt: settings.startedAt,
  };
}
