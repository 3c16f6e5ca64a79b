import type { App } from '../tenant/app.js';
import { findPermission, isOpenId } from './delegated-permissions.js';
import { FAULTS } from './entra-fault.js';

export const GRAPH_AUDIENCE = 'https://graph.microsoft.com';
const DEFAULT = '.default';
/** Exists in every tenant, but no registration here asks for it. */
const UNLISTED = ['https://graph.windows.net', 'https://management.azure.com'];

export type ResourceWorld = {
  readonly tenantName: string;
  readonly clientId: string;
  /** Under this host name the simulator itself stands for Graph, on any port. */
  readonly host: string;
};

/** Graph by its own name, or by the name under which the simulator is reached. */
export const requireGraph = (resource: string, { tenantName, clientId, host }: ResourceWorld): void => {
  const plain = resource.replace(/\/$/, '');
  if (plain === GRAPH_AUDIENCE || plain === '00000003-0000-0000-c000-000000000000') return;
  if (URL.canParse(plain) && new URL(plain).hostname === host && new URL(plain).pathname === '/') return;
  throw UNLISTED.includes(plain)
    ? FAULTS.unlistedResource(plain, clientId)
    : FAULTS.unknownResource(resource, tenantName);
};

const split = (scope: string): { resource: string | null; name: string } => {
  const at = scope.lastIndexOf('/');
  return at < 0 ? { resource: null, name: scope } : { resource: scope.slice(0, at), name: scope.slice(at + 1) };
};

/** The delegated permissions that a request names, each once, by their proper names. */
export const readScopes = (
  scope: string | undefined,
  { registration, ...world }: ResourceWorld & { registration: App },
): string[] => {
  const asked = (scope ?? '').split(/\s+/).filter((name) => name !== '');
  if (asked.length === 0) throw FAULTS.missing('scope');
  const parts = asked.map(split);
  for (const { resource } of parts) if (resource !== null) requireGraph(resource, world);
  const names = parts.map(({ name }) => findPermission(name)?.name ?? name);
  const plain = names.filter((name) => name !== DEFAULT);
  if (plain.length === names.length) {
    const unknown = plain.find((name) => findPermission(name) === undefined);
    if (unknown !== undefined) throw FAULTS.unknownScope(unknown, registration.clientId);
    return [...new Set(plain)];
  }
  if (plain.some((name) => !isOpenId(name))) throw FAULTS.mixedScopes(asked.join(' '));
  const listed = registration.requestedScopes;
  if (!listed.some((name) => !isOpenId(name)) && registration.requested.length === 0)
    throw FAULTS.nothingRegistered(registration.clientId);
  return [...new Set([...plain, ...listed])];
};

/** Client credentials take `{resource}/.default` and nothing else. */
export const requireGraphDefault = (scope: string | undefined, world: ResourceWorld): void => {
  if (!scope) throw FAULTS.missing('scope');
  const parts = scope
    .split(/\s+/)
    .filter((name) => name !== '')
    .map(split);
  if (parts.some(({ name, resource }) => name !== DEFAULT || resource === null)) throw FAULTS.scope(scope);
  for (const { resource } of parts) requireGraph(resource ?? '', world);
};
