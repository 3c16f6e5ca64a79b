import { z } from 'zod';
import type { Tenant } from '../../tenant/tenant.js';
import type { User } from '../../tenant/user.js';
import { badRequest, resourceNotFound } from '../fault.js';
import type { Operation } from '../operation.js';
import { pageById, readFrom } from '../page-by-id.js';
import { READ_OBJECTS, READ_ORGANIZATION, READ_GROUPS, READ_USER_PROPERTIES, opens } from '../permissions.js';
import { optionsOf, readSelect, readTop } from '../query.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { ok, param, readToken, toLink } from '../request.js';
import { DEFAULT_GROUP_PROPERTIES, GROUP_NAMES, createGroupShape } from '../shape-group.js';
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
  const known = new Set([...USER_NAMES, ...GROUP_NAMES]);
  const selected = readSelect(request.query, { known, type: 'microsoft.graph.directoryObject' });
  const pick = (names: ReadonlySet<string>, usual: readonly string[]) =>
    selected === null ? usual : selected.filter((name) => names.has(name));
  const userNames = pick(USER_NAMES, DEFAULT_USER_PROPERTIES);
  const groupNames = pick(GROUP_NAMES, DEFAULT_GROUP_PROPERTIES);
  const toUser = createUserShape(opens(READ_USER_PROPERTIES, grants) ? userNames : ['id']);
  const toGroup = createGroupShape(opens(READ_GROUPS, grants) ? groupNames : ['id']);
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
const startOf = ({ query }: GraphRequest) => {
  const skip = query.get('$skiptoken');
  const start = skip === null ? { slot: 0 } : readToken(skipSchema, skip);
  if (start === null) throw expiredPage();
  return start;
};
const deletedItems = '/directory/deletedItems';
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
  const { slot } = startOf(request);
  const page = pageOf(view.users(), { slot, limit: readTop(query, 100), accept: isDeleted });
  const kept = optionsOf(query, ['$select', '$top']);
  const path = `${deletedItems}/microsoft.graph.user`;
  return ok({
    '@odata.context': `${base}/$metadata#users`,
    ...(page.next !== null && {
      '@odata.nextLink': toLink(base, path, { kept, name: '$skiptoken', token: { slot: page.next } }),
    }),
    value: page.rows.map(createUserShape(deletedNames(request))),
  });
};

const toDeletedGroup = (request: GraphRequest) =>
  createGroupShape(
    readSelect(request.query, { known: GROUP_NAMES, type: 'microsoft.graph.group' }) ?? DEFAULT_GROUP_PROPERTIES,
  );

/** A person or a group; with a cast in the path only that kind. */
const getDeleted =
  (kinds: readonly ('user' | 'group')[]) =>
  (request: GraphRequest): GraphAnswer => {
    const id = param(request, 'id').toLowerCase();
    const { view, base, caller } = request;
    const user = kinds.includes('user') && opens(READ_USER_PROPERTIES, caller.roles) ? view.user(id) : undefined;
    const group = kinds.includes('group') && opens(READ_GROUPS, caller.roles) ? view.group(id) : undefined;
    const context = { '@odata.context': `${base}/$metadata#directoryObjects/$entity` };
    if (user !== undefined && user.deletedAt !== null) {
      const shape = createUserShape(deletedNames(request))(user);
      return ok({ ...context, '@odata.type': '#microsoft.graph.user', ...shape });
    }
    if (group === undefined || group.deletedAt === null) throw resourceNotFound(param(request, 'id'));
    return ok({ ...context, '@odata.type': '#microsoft.graph.group', ...toDeletedGroup(request)(group) });
  };

const listDeletedGroups = (request: GraphRequest): GraphAnswer => {
  const { view, query, base } = request;
  const from = readFrom(query);
  if (from === null) throw expiredPage();
  const groups = [...view.groups()].filter(({ deletedAt }) => deletedAt !== null);
  const { rows, next } = pageById(groups, { from, limit: readTop(query, 100) });
  const kept = optionsOf(query, ['$select', '$top']);
  return ok({
    '@odata.context': `${base}/$metadata#groups`,
    ...(next !== null && {
      '@odata.nextLink': toLink(base, `${deletedItems}/microsoft.graph.group`, {
        kept,
        name: '$skiptoken',
        token: next,
      }),
    }),
    value: rows.map(toDeletedGroup(request)),
  });
};

const PREMIUM_PLANS = {
  P1: '41781fb2-bc02-4b7c-bd55-b576c07bb09d',
  P2: 'eec0eb4f-6444-4f95-aba0-50c24d67f998',
} as const;

const TENANT_TYPES = { workforce: 'AAD', b2c: 'AAD B2C', external: 'CIAM' } as const;

const toOrganization = (tenant: Tenant) => ({
  id: tenant.id,
  displayName: tenant.name,
  createdDateTime: toTime(tenant.createdAt),
  countryLetterCode: 'DE',
  tenantType: TENANT_TYPES[tenant.kind],
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

const ORGANIZATION_NAMES: ReadonlySet<string> = new Set([
  'id',
  'displayName',
  'createdDateTime',
  'countryLetterCode',
  'tenantType',
  'onPremisesSyncEnabled',
  'assignedPlans',
  'verifiedDomains',
] satisfies (keyof ReturnType<typeof toOrganization>)[]);

const ownOrganization = ({ query, caller }: GraphRequest) => {
  const names = readSelect(query, { known: ORGANIZATION_NAMES, type: 'microsoft.graph.organization' });
  const entries = Object.entries(toOrganization(caller.tenant));
  return Object.fromEntries(entries.filter(([name]) => names === null || names.includes(name)));
};

const listOrganization = (request: GraphRequest): GraphAnswer =>
  ok({ '@odata.context': `${request.base}/$metadata#organization`, value: [ownOrganization(request)] });

const getOrganization = (request: GraphRequest): GraphAnswer => {
  const id = param(request, 'id');
  if (id.toLowerCase() !== request.caller.tenant.id) throw resourceNotFound(id);
  return ok({ '@odata.context': `${request.base}/$metadata#organization/$entity`, ...ownOrganization(request) });
};

const identity = { method: 'GET', scope: 'identity', units: 1 } as const;

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
    handle: getDeleted(['user']),
  },
  {
    ...identity,
    path: `${deletedItems}/microsoft.graph.group/{id}`,
    permissions: READ_GROUPS,
    handle: getDeleted(['group']),
  },
  {
    ...identity,
    path: `${deletedItems}/{id}`,
    permissions: [...READ_USER_PROPERTIES, ...READ_GROUPS],
    handle: getDeleted(['user', 'group']),
  },
  { ...identity, path: '/organization', permissions: READ_ORGANIZATION, handle: listOrganization },
  { ...identity, path: '/organization/{id}', permissions: READ_ORGANIZATION, handle: getOrganization },
];
