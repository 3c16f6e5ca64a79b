import { randomUUID } from 'node:crypto';
import type { App } from '../tenant/app.js';
import type { Tenant } from '../tenant/tenant.js';
import type { World } from '../world.js';
import { FAULTS } from './entra-fault.js';

/** An app as one tenant sees it: where it was registered, and its service principal here if it has one. */
export type ClientApp = { readonly registration: App; readonly principal: App | null };

type Tenants = Pick<World, 'tenants'>;

const findRegistration = ({ tenants }: Tenants, clientId: string): App | undefined => {
  for (const tenant of tenants.values()) {
    const app = tenant.apps.get(clientId);
    if (app?.homeTenantId === null) return app;
  }
  return undefined;
};

const homeOf = ({ tenants }: Tenants, registration: App): Tenant | undefined =>
  [...tenants.values()].find(({ apps }) => apps.get(registration.clientId) === registration);

/** Single-tenant apps exist in their tenant only (700016); `tenant` null stands for `common`. */
export const findClient = (world: Tenants, tenant: Tenant | null, id: string | undefined): ClientApp => {
  if (!id) throw FAULTS.missing('client_id');
  const clientId = id.toLowerCase();
  const registration = findRegistration(world, clientId);
  if (registration === undefined) throw FAULTS.unknownApp(id, tenant?.name ?? 'organizations');
  if (tenant === null) {
    if (registration.audience === 'AzureADMyOrg') throw FAULTS.notMultiTenant(id);
    return { registration, principal: null };
  }
  const principal = tenant.apps.get(clientId) ?? null;
  if (principal === null && registration.audience === 'AzureADMyOrg') throw FAULTS.unknownApp(id, tenant.name);
  if (!registration.enabled || principal?.enabled === false) throw FAULTS.disabledApp(id);
  return { registration, principal };
};

/** The service principal in a tenant; consent makes it where it was missing. */
export const obtainPrincipal = (world: Tenants, tenant: Tenant, { registration, principal }: ClientApp): App => {
  if (principal !== null) return principal;
  const made: App = {
    ...registration,
    principalId: randomUUID(),
    homeTenantId: homeOf(world, registration)?.id ?? null,
    secrets: [],
    certificates: [],
    granted: [],
    grantedScopes: [],
    userConsents: {},
  };
  tenant.apps.set(made.clientId, made);
  return made;
};

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Exactly as registered; on loopback over http any port will do (RFC 8252, 7.3). */
const isSame = (registered: string, given: string): boolean => {
  if (registered === given) return true;
  const [left, right] = [new URL(registered), URL.canParse(given) ? new URL(given) : null];
  if (right === null || left.protocol !== 'http:' || !LOCAL.has(left.hostname)) return false;
  left.port = right.port = '';
  return left.href === right.href;
};

/** Where sign-in may return to; 50011 when the registration does not list it. */
export const requireRedirectUri = (
  { registration }: ClientApp,
  given: string | undefined,
): { redirectUri: string; isSpa: boolean } => {
  const [first] = [...registration.redirectUris, ...registration.spaRedirectUris];
  const redirectUri = given ?? first;
  if (redirectUri === undefined) throw FAULTS.noReplyAddress();
  const isSpa = registration.spaRedirectUris.some((uri) => isSame(uri, redirectUri));
  if (!isSpa && !registration.redirectUris.some((uri) => isSame(uri, redirectUri)))
    throw FAULTS.replyAddress(redirectUri, registration.clientId);
  return { redirectUri, isSpa };
};
