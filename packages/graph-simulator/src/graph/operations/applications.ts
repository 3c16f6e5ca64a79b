import { findPermission } from '../../sign-in/delegated-permissions.js';
import type { App } from '../../tenant/app.js';
import { badRequest, resourceNotFound } from '../fault.js';
import { keysOf, parseFilter } from '../filter.js';
import type { Operation } from '../operation.js';
import { PERMISSION_IDS, READ_APPLICATIONS, opens } from '../permissions.js';
import { readSelect, refuseOptions } from '../query.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { ok, param } from '../request.js';
import type { Shape } from '../shape-user.js';
import { toTime } from '../shape-user.js';

const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';
const entriesOf = (names: readonly string[], type: 'Role' | 'Scope', idOf: (name: string) => string | undefined) =>
  names.flatMap((name) => {
    const id = idOf(name);
    return id === undefined ? [] : [{ id, type }];
  });

/** What the app asks for itself, and for the people it acts for. */
const toResourceAccess = ({ requested, requestedScopes }: App) => [
  ...entriesOf(requested, 'Role', (name) => PERMISSION_IDS[name]),
  ...entriesOf(requestedScopes, 'Scope', (name) => findPermission(name)?.id),
];

/** Secrets show their first three characters only (contract 8.4). */
const toPasswordCredentials = ({ secrets }: App) =>
  secrets.map(({ displayName, endsAt, startsAt, keyId, text }) => ({
    customKeyIdentifier: null,
    displayName,
    endDateTime: toTime(endsAt),
    hint: text.slice(0, 3),
    keyId,
    secretText: null,
    startDateTime: toTime(startsAt),
  }));

const toKeyCredentials = ({ certificates }: App) =>
  certificates.map(({ displayName, endsAt, startsAt, keyId, sha1 }) => ({
    customKeyIdentifier: Buffer.from(sha1, 'base64url').toString('hex').toUpperCase(),
    displayName,
    endDateTime: toTime(endsAt),
    key: null,
    keyId,
    startDateTime: toTime(startsAt),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
  }));

const PROPERTIES: ReadonlyMap<string, (app: App) => unknown> = new Map<string, (app: App) => unknown>([
  ['id', ({ objectId }) => objectId],
  ['appId', ({ clientId }) => clientId],
  ['displayName', ({ displayName }) => displayName],
  ['createdDateTime', ({ createdAt }) => toTime(createdAt)],
  ['signInAudience', ({ audience }) => audience],
  ['requiredResourceAccess', (app) => [{ resourceAppId: GRAPH_APP_ID, resourceAccess: toResourceAccess(app) }]],
  ['passwordCredentials', toPasswordCredentials],
  ['keyCredentials', toKeyCredentials],
]);
const NAMES = new Set(PROPERTIES.keys());

const createShape = ({ query }: GraphRequest) => {
  const names = readSelect(query, { known: NAMES, type: 'microsoft.graph.application' }) ?? [...NAMES];
  return (app: App): Shape => Object.fromEntries(names.map((name) => [name, PROPERTIES.get(name)?.(app)]));
};

/** Registered here; an app that may read only what it owns is its own owner. */
const isReadable = ({ caller }: GraphRequest, { clientId, homeTenantId }: App) => {
  const own = opens([['Application.ReadWrite.OwnedBy']], caller.roles);
  const all = opens(
    READ_APPLICATIONS.filter((names) => !names.includes('Application.ReadWrite.OwnedBy')),
    caller.roles,
  );
  return homeTenantId === null && (all || (own && clientId === caller.appId));
};

const listApplications = (request: GraphRequest): GraphAnswer => {
  const { caller, query, base } = request;
  refuseOptions(query, ['$skip', '$expand', '$orderby', '$search']);
  const text = query.get('$filter');
  const wanted = text === null ? null : keysOf(parseFilter(text), 'appId');
  if (text !== null && wanted === null) throw badRequest('Only appId eq is supported as filter for applications.');
  const value = [...caller.tenant.apps.values()]
    .filter((app) => isReadable(request, app))
    .filter(({ clientId }) => wanted === null || wanted.some((id) => id.toLowerCase() === clientId))
    .map(createShape(request));
  const selected = query.has('$select') ? `(${query.get('$select') ?? ''})` : '';
  return ok({ '@odata.context': `${base}/$metadata#applications${selected}`, value });
};

const getApplication = (request: GraphRequest): GraphAnswer => {
  const id = param(request, 'id').toLowerCase();
  const app = [...request.caller.tenant.apps.values()].find(({ objectId }) => objectId === id);
  if (app === undefined || !isReadable(request, app)) throw resourceNotFound(param(request, 'id'));
  return ok({ '@odata.context': `${request.base}/$metadata#applications/$entity`, ...createShape(request)(app) });
};

const read = { method: 'GET', permissions: READ_APPLICATIONS, scope: 'identity', units: 1 } as const;

export const APPLICATION_OPERATIONS: readonly Operation[] = [
  { ...read, path: '/applications', handle: listApplications },
  { ...read, path: '/applications/{id}', handle: getApplication },
];
