export type Explanation = { sentence: string; cure: string };

/**
 * What Entra's sign-in errors mean to an admin: one sentence and one thing to do.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes; numbers are hints, programs go by `error`.
 */
const AADSTS: Readonly<Record<number, Explanation>> = {
  7000215: {
    sentence: 'The client secret is wrong.',
    cure: 'Copy the Value of the secret (not its Secret ID) from Certificates & secrets, and paste it here.',
  },
  7000222: {
    sentence: 'The client secret has expired.',
    cure: 'Make a new secret under Certificates & secrets and enter it; nobody is lost meanwhile.',
  },
  700016: {
    sentence: 'This tenant has no app with that client id.',
    cure: 'Compare the Application (client) ID with the app registration, and check that the tenant is the right one.',
  },
  7000229: {
    sentence: 'The app has no service principal in this tenant.',
    cure: 'Sign in and consent once as an admin of the tenant.',
  },
  90002: {
    sentence: 'There is no tenant with that id.',
    cure: 'Copy the Directory (tenant) ID from the app registration.',
  },
  900023: {
    sentence: 'The tenant id is malformed.',
    cure: 'Copy the Directory (tenant) ID from the app registration.',
  },
  65001: { sentence: 'Consent is missing.', cure: 'Sign in and consent as an admin of the tenant.' },
  90094: { sentence: 'An admin has to consent.', cure: 'Let an admin of the tenant sign in and consent.' },
  90095: {
    sentence: 'Consent was asked of an admin and is awaited.',
    cure: 'Let an admin approve the request in Entra.',
  },
  65004: { sentence: 'Consent was refused.', cure: 'Sign in again and accept the permissions.' },
  650056: { sentence: 'The app registration lists no permission.', cure: 'Add the permissions under API permissions.' },
  650057: {
    sentence: 'Microsoft Graph is not among the app’s APIs.',
    cure: 'Add Microsoft Graph permissions to the app.',
  },
  500011: { sentence: 'Microsoft Graph is not set up in this tenant.', cure: 'Check the tenant and the cloud chosen.' },
  50020: { sentence: 'That account is not in this tenant.', cure: 'Sign in with an account of the tenant.' },
  53003: { sentence: 'Conditional Access blocks the sign-in.', cure: 'Except the app from the policy, or meet it.' },
  700082: { sentence: 'The consent has expired through disuse.', cure: 'An admin needs to sign in and consent again.' },
  70008: { sentence: 'The consent was revoked or has expired.', cure: 'An admin needs to sign in and consent again.' },
  70043: { sentence: 'The tenant asks for a fresh sign-in.', cure: 'An admin needs to sign in and consent again.' },
  50173: { sentence: 'The consent was revoked.', cure: 'An admin needs to sign in and consent again.' },
  50133: {
    sentence: 'The password of who consented was changed.',
    cure: 'An admin needs to sign in and consent again.',
  },
  50076: { sentence: 'The tenant asks for a second factor.', cure: 'An admin needs to sign in and consent again.' },
  50078: { sentence: 'The second factor is too old.', cure: 'An admin needs to sign in and consent again.' },
  50079: {
    sentence: 'Who consented has to register a second factor.',
    cure: 'An admin needs to register it, sign in and consent again.',
  },
  50057: {
    sentence: 'The account is disabled.',
    cure: 'Sign in with an account that is enabled; for the consent, let another admin sign in and consent again.',
  },
  50105: {
    sentence: 'The account is not assigned to the app.',
    cure: 'Assign it under Enterprise applications › Users and groups, or switch “Assignment required” off.',
  },
  50011: {
    sentence: 'The app registration does not list our redirect URI.',
    cure: 'Add the redirect URI shown here under Authentication, platform Web.',
  },
  700027: {
    sentence: 'The certificate is not one of the app’s.',
    cure: 'Upload its public part under Certificates & secrets › Certificates.',
  },
  54005: { sentence: 'The sign-in code was already used.', cure: 'Start the sign-in again.' },
  7000112: { sentence: 'The app is disabled in this tenant.', cure: 'Enable it under Enterprise applications.' },
  90033: { sentence: 'Microsoft’s sign-in is out of order for a moment.', cure: 'Nothing to do: it is tried again.' },
  90024: { sentence: 'Microsoft’s sign-in is busy.', cure: 'Nothing to do: it is tried again.' },
  90090: { sentence: 'Microsoft’s sign-in failed for a moment.', cure: 'Nothing to do: it is tried again.' },
};
const TRANSIENT = new Set([90033, 90024, 90090]);
/** Of a refresh: asking again never helps, a person has to sign in (contract 8.3). */
const SIGN_IN = new Set([50173, 50133, 50132, 700082, 70008, 70043, 65001, 50076, 50078, 50079, 50057, 53003, 700084]);

export const isTransientAadsts = (code: number): boolean => TRANSIENT.has(code);

export const needsSignIn = (code: number): boolean => SIGN_IN.has(code);

export const explainAadsts = (code: number): Explanation =>
  AADSTS[code] ?? {
    sentence: `Microsoft refuses the sign-in (AADSTS${code}).`,
    cure: 'Check tenant id, client id and client secret; look the number up in Microsoft’s list of sign-in errors.',
  };
