import type { SetupActionKind } from '@muster/contracts';

export type Explanation = { sentence: string; cure: string; action: SetupActionKind };

/**
 * What Entra's sign-in errors mean to an admin: one sentence, one thing to do, one button.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes; numbers are hints, programs go by `error`.
 */
const AADSTS: Readonly<Record<number, Explanation>> = {
  7000215: {
    action: 'enter-secret',
    sentence: 'The client secret is wrong.',
    cure: 'Copy the Value of the secret (not its Secret ID) from Certificates & secrets, and paste it here.',
  },
  7000222: {
    action: 'enter-secret',
    sentence: 'The client secret has expired.',
    cure: 'Make a new secret under Certificates & secrets and enter it; nobody is lost meanwhile.',
  },
  700016: {
    action: 'edit-client',
    sentence: 'This tenant has no app with that client id.',
    cure: 'Compare the Application (client) ID with the app registration, and check that the tenant is the right one.',
  },
  7000229: {
    action: 'consent',
    sentence: 'The app has no service principal in this tenant.',
    cure: 'Sign in and consent once as an admin of the tenant.',
  },
  90002: {
    action: 'edit-tenant',
    sentence: 'There is no tenant with that id.',
    cure: 'Copy the Directory (tenant) ID from the app registration.',
  },
  900023: {
    action: 'edit-tenant',
    sentence: 'The tenant id is malformed.',
    cure: 'Copy the Directory (tenant) ID from the app registration.',
  },
  65001: { action: 'consent', sentence: 'Consent is missing.', cure: 'Sign in and consent as an admin of the tenant.' },
  90094: {
    action: 'consent',
    sentence: 'An admin has to consent.',
    cure: 'Let an admin of the tenant sign in and consent.',
  },
  90095: {
    action: 'consent',
    sentence: 'Consent was asked of an admin and is awaited.',
    cure: 'Let an admin approve the request in Entra.',
  },
  65004: { action: 'consent', sentence: 'Consent was refused.', cure: 'Sign in again and accept the permissions.' },
  650056: {
    action: 'open-permissions',
    sentence: 'The app registration lists no permission.',
    cure: 'Add the permissions under API permissions.',
  },
  650057: {
    action: 'open-permissions',
    sentence: 'Microsoft Graph is not among the app’s APIs.',
    cure: 'Add Microsoft Graph permissions to the app.',
  },
  500011: {
    action: 'edit-tenant',
    sentence: 'Microsoft Graph is not set up in this tenant.',
    cure: 'Check the tenant and the cloud chosen.',
  },
  50020: {
    action: 'sign-in',
    sentence: 'That account is not in this tenant.',
    cure: 'Sign in with an account of the tenant.',
  },
  53003: {
    action: 'open-conditional-access',
    sentence: 'Conditional Access blocks the sign-in.',
    cure: 'Except the app from the policy, or meet it.',
  },
  700082: {
    action: 'consent',
    sentence: 'The consent has expired through disuse.',
    cure: 'An admin needs to sign in and consent again.',
  },
  700084: {
    action: 'consent',
    sentence: 'The consent has come to its end.',
    cure: 'An admin needs to sign in and consent again.',
  },
  70008: {
    action: 'consent',
    sentence: 'The consent was revoked or has expired.',
    cure: 'An admin needs to sign in and consent again.',
  },
  70043: {
    action: 'consent',
    sentence: 'The tenant asks for a fresh sign-in.',
    cure: 'An admin needs to sign in and consent again.',
  },
  50173: {
    action: 'consent',
    sentence: 'The consent was revoked.',
    cure: 'An admin needs to sign in and consent again.',
  },
  50132: {
    action: 'consent',
    sentence: 'The sign-ins of who consented were revoked.',
    cure: 'An admin needs to sign in and consent again.',
  },
  50133: {
    action: 'consent',
    sentence: 'The password of who consented was changed.',
    cure: 'An admin needs to sign in and consent again.',
  },
  50076: {
    action: 'sign-in',
    sentence: 'The tenant asks for a second factor.',
    cure: 'An admin needs to sign in and consent again.',
  },
  50078: {
    action: 'sign-in',
    sentence: 'The second factor is too old.',
    cure: 'An admin needs to sign in and consent again.',
  },
  50079: {
    action: 'sign-in',
    sentence: 'Who consented has to register a second factor.',
    cure: 'An admin needs to register it, sign in and consent again.',
  },
  50057: {
    action: 'sign-in',
    sentence: 'The account is disabled.',
    cure: 'Sign in with an account that is enabled; for the consent, let another admin sign in and consent again.',
  },
  50105: {
    action: 'open-enterprise-app',
    sentence: 'The account is not assigned to the app.',
    cure: 'Assign it under Enterprise applications › Users and groups, or switch “Assignment required” off.',
  },
  50011: {
    action: 'open-authentication',
    sentence: 'The app registration does not list our redirect URI.',
    cure: 'Add the redirect URI shown here under Authentication, platform Web.',
  },
  700027: {
    action: 'open-secrets',
    sentence: 'The certificate is not one of the app’s.',
    cure: 'Upload its public part under Certificates & secrets › Certificates.',
  },
  54005: { action: 'sign-in', sentence: 'The sign-in code was already used.', cure: 'Start the sign-in again.' },
  7000112: {
    action: 'open-enterprise-app',
    sentence: 'The app is disabled in this tenant.',
    cure: 'Enable it under Enterprise applications.',
  },
  90033: {
    action: 'check-again',
    sentence: 'Microsoft’s sign-in is out of order for a moment.',
    cure: 'Nothing to do: it is tried again.',
  },
  90024: { action: 'check-again', sentence: 'Microsoft’s sign-in is busy.', cure: 'Nothing to do: it is tried again.' },
  90090: {
    action: 'check-again',
    sentence: 'Microsoft’s sign-in failed for a moment.',
    cure: 'Nothing to do: it is tried again.',
  },
  7000218: {
    action: 'enter-secret',
    sentence: 'The app sent no credential.',
    cure: 'Enter a client secret, or a certificate.',
  },
  500113: {
    action: 'open-authentication',
    sentence: 'The app has no redirect URI.',
    cure: 'Add the redirect URI shown here under Authentication, platform Web.',
  },
  50194: {
    action: 'edit-tenant',
    sentence: 'The app is a single-tenant one, and was asked as if it were not.',
    cure: 'Copy the Directory (tenant) ID from the app registration.',
  },
  650053: {
    action: 'open-permissions',
    sentence: 'The app asked for a permission that Microsoft Graph does not have.',
    cure: 'Compare the API permissions with the guide.',
  },
  50058: { action: 'sign-in', sentence: 'Nobody is signed in at Microsoft.', cure: 'Sign in again.' },
};
const TRANSIENT = new Set([90033, 90024, 90090]);
/** Of a refresh: asking again never helps, a person has to sign in (contract 8.3). */
export const SIGN_IN: ReadonlySet<number> = new Set([
  50173, 50133, 50132, 700082, 70008, 70043, 65001, 50076, 50078, 50079, 50057, 53003, 700084,
]);

export const isTransientAadsts = (code: number): boolean => TRANSIENT.has(code);

export const needsSignIn = (code: number): boolean => SIGN_IN.has(code);

export const explainAadsts = (code: number): Explanation =>
  AADSTS[code] ?? {
    sentence: `Microsoft refuses the sign-in (AADSTS${code}).`,
    cure: 'Check tenant id, client id and client secret; look the number up in Microsoft’s list of sign-in errors.',
    action: 'check-again',
  };
