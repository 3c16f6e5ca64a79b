import type { App } from '../tenant/app.js';
import { findPermission, isOpenId } from './delegated-permissions.js';
import type { TenantPolicy } from './state.js';

/** What neither the person nor an administrator has consented to yet. */
export const missingScopes = (principal: App | null, userId: string, scopes: readonly string[]): string[] => {
  const own = principal?.userConsents[userId];
  const granted = new Set([...(principal?.grantedScopes ?? []), ...(own ?? [])]);
  // Signing in itself is part of any consent.
  const known = granted.size > 0;
  return scopes.filter((scope) => !granted.has(scope) && !(known && isOpenId(scope)));
};

/** Of what is missing, whether an ordinary person may not consent to it. */
export const needsAdmin = (missing: readonly string[], policy: TenantPolicy): boolean =>
  missing.some((scope) => findPermission(scope)?.needsAdmin ?? true) ||
  (missing.length > 0 && policy.userConsent === 'blocked');

export const recordConsent = (
  principal: App,
  { userId, scopes, forAll }: { userId: string; scopes: readonly string[]; forAll: boolean },
): void => {
  const add = (before: readonly string[]) => [...new Set([...before, ...scopes])];
  if (forAll) principal.grantedScopes = add(principal.grantedScopes);
  else
    principal.userConsents = {
      ...principal.userConsents,
      [userId]: add(principal.userConsents[userId] ?? []),
    };
};

/** Grants for everyone what the registration asks for, as the application's own and as delegated permissions. */
export const recordAdminConsent = (principal: App, registration: App): void => {
  principal.granted = registration.requested;
  principal.grantedScopes = [...new Set([...principal.grantedScopes, ...registration.requestedScopes])];
};
