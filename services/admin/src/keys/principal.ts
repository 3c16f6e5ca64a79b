import type { Response } from 'express';
import { ZERO_ID, type IntegrationSettings } from '@muster/contracts';
import { KEY_SCOPES, type IntegrationsStore, type KeyScope } from '@muster/store';
import { notFound, Problem } from '../http/problem.js';

/** A person who signed in: where from, and until when the word of who asked counts. */
export type SignedIn = { tenantId: string; userId: string };

/** Who asks. All but an operator are bound to one integration: the tenant never comes from the request. */
export type Principal = {
  /** For records of who asked for something: an id, never a name. */
  actor: string;
  scopes: readonly KeyScope[];
  /** Null with an API key. */
  sessionHash: string | null;
  /** Hash of the API key, also where it was pasted for a session; null with none. */
  keyHash: string | null;
  /** Null unless somebody signed in at Microsoft. */
  person: SignedIn | null;
} & (
  | { role: 'operator'; integrationId: null }
  | { role: 'tenant-admin'; integrationId: string }
  /** May enter, and sees only that. */
  | { role: 'member'; integrationId: string }
);

export const ALL_SCOPES = KEY_SCOPES;

/** The actor of whoever came in by a setup link. */
export const SETUP_LINK = 'setup-link';

type Locals = { principal?: Principal };

export const setPrincipal = (response: Response, principal: Principal): void => {
  (response.locals as Locals).principal = principal;
};

/** Behind the authentication only; a route without one in front is a mistake in the code. */
export function readPrincipal(response: Response): Principal {
  const { principal } = response.locals as Locals;
  if (!principal) throw new Error('this route has no authentication in front of it');
  return principal;
}

export const toRequester = (principal: Principal): string => principal.actor;

/** The integration, or 404: also when it is there but belongs to another. */
export async function findIntegration(
  integrations: IntegrationsStore,
  principal: Principal,
  integrationId: string,
): Promise<IntegrationSettings> {
  const own = principal.integrationId === null || principal.integrationId === integrationId;
  const settings = own ? await integrations.get(integrationId) : null;
  if (!settings) throw notFound('integration with this id');
  return settings;
}

/** The same where people are asked for: those of a removed integration are shown to nobody. */
export async function findServed(
  integrations: IntegrationsStore,
  principal: Principal,
  integrationId: string,
): Promise<IntegrationSettings> {
  const settings = await findIntegration(integrations, principal, integrationId);
  if (settings.state === 'removed')
    throw new Problem(404, 'This integration was removed: its people are shown to nobody, and forgotten in time.');
  return settings;
}

/** Ahead of the start there are none but those that a removed integration left behind. */
export const showsPeople = ({ state }: Pick<IntegrationSettings, 'state'>): boolean =>
  state === 'active' || state === 'paused';

/** The tenant whose documents are shown as its people; nobody's where none are. */
export const toShownTenant = (settings: Pick<IntegrationSettings, 'state' | 'tenantId'>): string =>
  showsPeople(settings) ? settings.tenantId : ZERO_ID;

/** All that the principal may see; removed ones are left out. */
export async function listIntegrations(
  integrations: IntegrationsStore,
  principal: Principal,
): Promise<IntegrationSettings[]> {
  const all = await integrations.all();
  return all.filter(
    ({ integrationId, state }) =>
      state !== 'removed' && (principal.integrationId === null || principal.integrationId === integrationId),
  );
}

/** Nobody gives away more than the own scopes. */
export function assertHas({ scopes: own }: Principal, scopes: readonly KeyScope[]): void {
  const missing = scopes.filter((scope) => !own.includes(scope));
  if (missing.length > 0)
    throw new Problem(403, `This key may give only what it has itself; it lacks ${missing.join(', ')}.`);
}
