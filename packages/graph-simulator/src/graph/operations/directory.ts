import { z } from 'zod';
import type { Tenant } from '../../tenant/tenant.js';
import type { App } from '../../tenant/app.js';
import type { User } from '../../tenant/user.js';
import { badRequest, resourceNotFound } from '../fault.js';
import { keysOf, parseFilter } from '../filter.js';
import type { Operation } from '../operation.js';
import {
  READ_APPLICATIONS,
  READ_OBJECTS,
  READ_ORGANIZATION,
  READ_GROUPS,
  READ_USER_PROPERTIES,
  PERMISSION_IDS,
  opens,
} from '../permissions.js';
import { optionsOf, readSelect, readTop } from '../query.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { ok, param, readToken, toLink } from '../request.js';
import { DEFAULT_GROUP_PROPERTIES, createGroupShape } from '../shape-group.js';
import { DEFAULT_USER_PROPERTIES, USER_NAMES, createUserShape, toTime } from '../shape-user.js';
import { expiredPage, pageOf } from './users.js';

const LARGEST_LOOKUP = 1000;
const lookupSchema = z.object({
  ids: z.array(z.string()).min(1).max(LARGEST_LOOKUP),
  types: z.array(z.string()).optional(),
});

const getByIds = (request: GraphRequest): GraphAnswer => {
  const body = lookupSchema.safeParse(request.body);
  if (!body.success) throw badRequest(`ids must name 1 to ${LARGEST_LOOKUP} objects.`);
  const { view, caller } = request;
  const grants = caller.roles;
  const types = body.data.types ?? ['directoryObject'];
  const wants = (type: string) => types.includes(type) || types.includes('directoryObject');
  const selected = readSelect(request.query, { known: USER_NAMES, type: 'microsoft.graph.directoryObject' });
  const toUser = createUserShape(opens(READ_USER_PROPERTIES, grants) ? (selected ?? DEFAULT_USER_PROPERTIES) : ['id']);
  const toGroup = createGroupShape(opens(READ_GROUPS, grants) ? DEFAULT_GROUP_PROPERTIES : ['id']);
  const value = [...new Set(body.data.ids)].flatMap((id) => {
    const [user, group] = [view.user(id.toLowerCase()), view.group(id.toLowerCase())];
    if (user?.deletedAt === null && wants('user')) return [{ '@odata.type': '#microsoft.graph.user', ...toUser(user) }];
    return group?.deletedAt === null && wants('group')
      ? [{ '@odata.type': '#microsoft.graph.group', ...toGroup(group) }]
      : [];
  });
  return ok({ '@odata.context': `${request.base}/$metadata#directoryObjects`, value });
};

const skipSchema = z.object({ slot: z.int().min(0) });
const isDeleted = (user: User) => user.deletedAt !== null;
const deletedNames = (request: GraphRequest) => [
  ...new Set([
    ...(readSelect(request.query, { known: USER_NAMES, type: 'microsoft.graph.user' }) ?? [
      ...DEFAULT_USER_PROPERTIES,
      'deletedDateTime',
    ]),
    'id',
  ]),
];

const listDeleted = (request: GraphRequest): GraphAnswer => {
  const { view, query, base } = request;
  const skip = query.get('$skiptoken');
  const start = skip === null ? { slot: 0 } : readToken(skipSchema, skip);
  if (start === null) throw expiredPage();
  const limit = readTop(query, 100);
  const page = pageOf(view.users(), { slot: start.slot, limit, accept: isDeleted });
  const kept = optionsOf(query, ['$select', '$top']);
  const path = '/directory/deletedItems/microsoft.graph.user';
  return ok({
    '@odata.context': `${base}/$metadata#users`,
    ...(page.next !== null && {
      '@odata.nextLink': toLink(base, path, { kept, name: '$skiptoken', token: { slot: page.next } }),
    }),
    value: page.rows.map(createUserShape(deletedNames(request))),
  });
};

const getDeleted = (request: GraphRequest): GraphAnswer => {
  const user = request.view.user(param(request, 'id').toLowerCase());
  if (user?.deletedAt == null) throw resourceNotFound(param(request, 'id'));
  return ok({
    '@odata.context': `${request.base}/$metadata#directoryObjects/$entity`,
    '@odata.type': '#microsoft.graph.user',
    ...createUserShape(deletedNames(request))(user),
  });
};

const listDeletedGroups = (request: GraphRequest): GraphAnswer => {
  const groups = [...request.view.groups()].filter(({ deletedAt }) => deletedAt !== null);
  return ok({
    '@odata.context': `${request.base}/$metadata#groups`,
    value: groups.map(createGroupShape(DEFAULT_GROUP_PROPERTIES)),
  });
};

const PREMIUM_PLANS = {
  P1: '41781fb2-bc02-4b7c-bd55-b576c07bb09d',
  P2: 'eec0eb4f-6444-4f95-aba0-50c24d67f998',
} as const;

const toOrganization = (tenant: Tenant) => ({
  id: tenant.id,
  displayName: tenant.name,
  createdDateTime: toTime(tenant.createdAt),
  countryLetterCode: 'DE',
  tenantType: 'AAD',
  onPremisesSyncEnabled: null,
  assignedPlans:
    tenant.licence !== 'none'
      ? [
          {
            capabilityStatus: 'Enabled',
            service: 'AADPremiumService',
            servicePlanId: PREMIUM_PLANS[tenant.licence],
          },
        ]
      : [],
  verifiedDomains: [{ capabilities: 'Email', isDefault: true, isInitial: true, name: tenant.domain, type: 'Managed' }],
});

const listOrganization = (request: GraphRequest): GraphAnswer =>
  ok({ '@odata.context': `${request.base}/$metadata#organization`, value: [toOrganization(request.caller.tenant)] });

const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';
const toResourceAccess = ({ requested }: App) =>
  requested.flatMap((name) => {
    const id = PERMISSION_IDS[name];
    return id === undefined ? [] : [{ id, type: 'Role' }];
  });

/** An app that may read only what it owns is its own owner here. */
const isReadable = ({ caller }: GraphRequest, { clientId }: App) => {
  const own = opens([['Application.ReadWrite.OwnedBy']], caller.roles);
  const all = opens(
    READ_APPLICATIONS.filter((names) => !names.includes('Application.ReadWrite.OwnedBy')),
    caller.roles,
  );
  return all || (own && clientId === caller.appId);
};

/** Secrets show their first three characters only (contract 8.4). */
const listApplications = (request: GraphRequest): GraphAnswer => {
  const { caller, query, base } = request;
  const text = query.get('$filter');
  const wanted = text === null ? null : keysOf(parseFilter(text), 'appId');
  if (text !== null && wanted === null) throw badRequest('Only appId eq is supported as filter for applications.');
  const value = [...caller.tenant.apps.values()]
    .filter(({ homeTenantId }) => homeTenantId === null)
    .filter((app) => isReadable(request, app))
    .filter(({ clientId }) => wanted === null || wanted.some((id) => id.toLowerCase() === clientId))
    .map((app) => ({
      id: app.objectId,
      appId: app.clientId,
      displayName: app.displayName,
      createdDateTime: toTime(app.createdAt),
      signInAudience: app.audience,
      requiredResourceAccess: [{ resourceAppId: GRAPH_APP_ID, resourceAccess: toResourceAccess(app) }],
      passwordCredentials: app.secrets.map((secret) => ({
        customKeyIdentifier: null,
        displayName: secret.displayName,
        endDateTime: toTime(secret.endsAt),
        hint: secret.text.slice(0, 3),
        keyId: secret.keyId,
        secretText: null,
        startDateTime: toTime(secret.startsAt),
      })),
    }));
  return ok({ '@odata.context': `${base}/$metadata#applications`, value });
};

const identity = { method: 'GET', scope: 'identity', units: 1 } as const;
const deletedItems = '/directory/deletedItems';

export const DIRECTORY_OPERATIONS: readonly Operation[] = [
  {
    ...identity,
    method: 'POST',
    path: '/directoryObjects/getByIds',
    permissions: READ_OBJECTS,
    units: 5,
    selectRebate: 3,
    handle: getByIds,
  },
  { ...identity, path: `${deletedItems}/microsoft.graph.user`, permissions: READ_USER_PROPERTIES, handle: listDeleted },
  { ...identity, path: `${deletedItems}/microsoft.graph.group`, permissions: READ_GROUPS, handle: listDeletedGroups },
  {
    ...identity,
    path: `${deletedItems}/microsoft.graph.user/{id}`,
    permissions: READ_USER_PROPERTIES,
    handle: getDeleted,
  },
  { ...identity, path: `${deletedItems}/{id}`, permissions: READ_USER_PROPERTIES, handle: getDeleted },
  { ...identity, path: '/organization', permissions: READ_ORGANIZATION, handle: listOrganization },
  { ...identity, path: '/applications', permissions: READ_APPLICATIONS, handle: listApplications },
];
