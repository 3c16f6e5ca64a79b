import type { World } from '../world.js';
import type { AuthorizationRequest, Caller } from './authorization-request.js';
import { requireUser } from './check-user.js';
import type { ClientApp } from './clients.js';
import { findClient } from './clients.js';
import { missingScopes, needsAdmin } from './consent.js';
import { mayGrantForAll, policyOf } from './directory-roles.js';
import type { Account } from './state.js';

/** One walk of a browser from an app's request to the way back. Only the session that began it may go on. */
export type Flow = Caller & {
  readonly id: string;
  readonly sessionId: string;
  readonly expiresAt: number;
  readonly purpose:
    | { readonly type: 'signIn'; readonly request: AuthorizationRequest }
    | { readonly type: 'adminConsent'; readonly scopes: readonly string[] | null };
  account: Account | null;
  consented: boolean;
};

/** Where the walk stands. `approval`: only an administrator could go on. */
export type Step =
  | { readonly type: 'account' }
  | { readonly type: 'consent'; readonly scopes: readonly string[]; readonly mayGrantForAll: boolean }
  | { readonly type: 'adminConsent' }
  | { readonly type: 'approval'; readonly scopes: readonly string[] }
  | { readonly type: 'done'; readonly account: Account };

/** The app as the tenant of the chosen account sees it. */
export const clientOf = (world: World, flow: Flow, { tenantId }: Account): ClientApp =>
  findClient(world, world.tenants.get(tenantId) ?? null, flow.client.registration.clientId);

const consentStep = (world: World, flow: Flow, account: Account): Step | null => {
  if (flow.purpose.type !== 'signIn' || flow.consented) return null;
  const { scopes, prompt } = flow.purpose.request;
  const { principal } = clientOf(world, flow, account);
  const missing = missingScopes(principal, account.userId, scopes);
  const mayGrant = mayGrantForAll(world.signIn, account.tenantId, account.userId);
  if (!mayGrant && needsAdmin(missing, policyOf(world.signIn, account.tenantId)))
    return { type: 'approval', scopes: missing };
  const asked = prompt === 'consent' ? scopes : missing;
  return asked.length === 0 ? null : { type: 'consent', scopes: asked, mayGrantForAll: mayGrant };
};

/** Throws the fault that keeps the chosen person out (50057, 53003, …). */
export const nextStep = (world: World, flow: Flow): Step => {
  const { account } = flow;
  const tenant = account === null ? undefined : world.tenants.get(account.tenantId);
  if (account === null || tenant === undefined) return { type: 'account' };
  requireUser(world.signIn, tenant, account.userId);
  if (flow.purpose.type === 'adminConsent')
    return mayGrantForAll(world.signIn, tenant.id, account.userId)
      ? { type: 'adminConsent' }
      : { type: 'approval', scopes: flow.purpose.scopes ?? flow.client.registration.requested };
  return consentStep(world, flow, account) ?? { type: 'done', account };
};
