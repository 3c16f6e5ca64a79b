import { z } from 'zod';
import { groupsAbove } from '../../tenant/membership.js';
import type { View } from '../../tenant/replica.js';
import { livingUsers } from '../../tenant/tenant.js';
import type { User } from '../../tenant/user.js';
import { GraphFault, accessDenied, badRequest, resourceNotFound, unsupportedQuery } from '../fault.js';
import type { Filter } from '../filter.js';
import { keysOf, parseFilter, toPredicate } from '../filter.js';
import type { Operation } from '../operation.js';
import { CHECK_MEMBER_GROUPS, READ_USERS, READ_USER_PROPERTIES, opens } from '../permissions.js';
import { needsConsistencyLevel, optionsOf, readSelect, readTop, refuseOptions, wantsCount } from '../query.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { findUser, ok, param, readToken, roomOf, toLink } from '../request.js';
import {
  BASIC_USER_PROPERTIES,
  DEFAULT_USER_PROPERTIES,
  USER_NAMES,
  USER_PROPERTIES,
  createUserShape,
  createUserWriter,
} from '../shape-user.js';

const TYPE = 'microsoft.graph.user';
const skipSchema = z.object({ slot: z.int().min(0) });
export const expiredPage = () =>
  new GraphFault(
    400,
    'Directory_ExpiredPageToken',
    'The specified page token value has expired and can no longer be included in your request.',
  );

const FILTERABLE = new Set([
  'id',
  'userPrincipalName',
  'accountEnabled',
  'displayName',
  'mail',
  'givenName',
  'surname',
]);
for (const name of ['jobTitle', 'department', 'userType', 'employeeId', 'usageLocation']) FILTERABLE.add(name);

const readProperty = (name: string) => {
  const read = USER_PROPERTIES.get(name);
  if (read === undefined || !FILTERABLE.has(name))
    throw unsupportedQuery(`Unsupported property filter clause: '${name}'.`);
  return read;
};

/** With User.ReadBasic.All alone only basic properties are open. */
const selectFor = ({ query, caller }: GraphRequest): readonly string[] => {
  const selected = readSelect(query, { known: USER_NAMES, type: TYPE });
  if (opens(READ_USER_PROPERTIES, caller.roles)) return selected ?? DEFAULT_USER_PROPERTIES;
  if (selected?.some((name) => !BASIC_USER_PROPERTIES.has(name))) throw accessDenied();
  return selected ?? DEFAULT_USER_PROPERTIES.filter((name) => BASIC_USER_PROPERTIES.has(name));
};

/** Uses the indexes where the filter names ids or sign-in names; null: walk all. */
const findByKeys = (view: View, filter: Filter): User[] | null => {
  const keys = keysOf(filter, 'id') ?? keysOf(filter, 'userPrincipalName');
  if (keys === null) return null;
  const byName = keysOf(filter, 'id') === null;
  const found = keys.map((key) => (byName ? view.userByName : view.user)(key.toLowerCase()));
  return [...new Set(found)].filter((user): user is User => user?.deletedAt === null).sort((a, b) => a.slot - b.slot);
};

export type Rows = { readonly rows: User[]; readonly next: number | null };

/** Up to `limit` rows from `slot` on; `next` only when there certainly is another row. */
export const pageOf = (
  slots: readonly (User | undefined)[],
  { slot, limit, accept }: { slot: number; limit: number; accept: (user: User) => boolean },
): Rows => {
  const rows: User[] = [];
  for (let at = slot; at < slots.length; at += 1) {
    const user = slots[at];
    if (user === undefined || !accept(user)) continue;
    if (rows.length === limit) return { rows, next: at };
    rows.push(user);
  }
  return { rows, next: null };
};

const isLiving = (user: User) => user.deletedAt === null;

const listUsers = (request: GraphRequest): GraphAnswer => {
  const { query, caller, base, view } = request;
  refuseOptions(query, ['$skip', '$expand', '$orderby', '$search']);
  const names = selectFor(request);
  const limit = roomOf(request, readTop(query, 100, names.includes('signInActivity') ? 500 : 999));
  const filterText = query.get('$filter');
  const filter = filterText === null ? null : parseFilter(filterText);
  const matches = filter === null ? null : toPredicate(filter, readProperty);
  const accept = matches === null ? isLiving : (user: User) => isLiving(user) && matches(user);
  const skip = query.get('$skiptoken');
  const start = skip === null ? { slot: 0 } : readToken(skipSchema, skip);
  if (start === null) throw expiredPage();
  const keyed = filter === null ? null : findByKeys(view, filter);
  const slots = view.users();
  const page = pageOf(keyed ?? slots, { slot: start.slot, limit, accept });
  const kept = optionsOf(query, ['$select', '$filter', '$top', '$count']);
  const selected = query.has('$select') ? `(${names.join(',')})` : '';
  const count = () =>
    matches === null
      ? livingUsers(caller.tenant)
      : pageOf(keyed ?? slots, { slot: 0, limit: Infinity, accept }).rows.length;
  const body = {
    '@odata.context': `${base}/$metadata#users${selected}`,
    ...(skip === null && wantsCount(request) && { '@odata.count': count() }),
    ...(page.next !== null && {
      '@odata.nextLink': toLink(base, '/users', { kept, name: '$skiptoken', token: { slot: page.next } }),
    }),
  };
  return { status: 200, body, rows: page.rows.map(createUserWriter(names)) };
};

const countUsers = (request: GraphRequest): GraphAnswer => {
  needsConsistencyLevel(request, '$count');
  const filterText = request.query.get('$filter');
  if (filterText === null) return ok(livingUsers(request.caller.tenant));
  const matches = toPredicate(parseFilter(filterText), readProperty);
  const accept = (user: User) => isLiving(user) && matches(user);
  return ok(pageOf(request.view.users(), { slot: 0, limit: Infinity, accept }).rows.length);
};

/** With User.Read an app reads all of the person that it acts for, and nobody else (contract 1.7). */
const isSelf = ({ caller: { userId, roles } }: GraphRequest, user: User | undefined): boolean =>
  userId !== null && userId === user?.id && roles.has('User.Read');

const getUser = (request: GraphRequest): GraphAnswer => {
  const { caller, path } = request;
  if (path === '/me' && caller.userId === null)
    throw badRequest('/me request is only valid with delegated authentication flow.', 'BadRequest');
  const user = findUser(request, path === '/me' ? (caller.userId ?? '') : param(request, 'id'));
  const self = isSelf(request, user);
  if (!self && !opens(READ_USERS, caller.roles)) throw accessDenied();
  const whole = readSelect(request.query, { known: USER_NAMES, type: TYPE }) ?? DEFAULT_USER_PROPERTIES;
  const names = self ? whole : selectFor(request);
  if (user === undefined) throw resourceNotFound(param(request, 'id'));
  const selected = request.query.has('$select') ? `(${names.join(',')})` : '';
  return ok({
    '@odata.context': `${request.base}/$metadata#users${selected}/$entity`,
    ...createUserShape(names)(user),
  });
};

const LARGEST_CHECK = 20;
const checkSchema = z.object({ groupIds: z.array(z.string()).min(1).max(LARGEST_CHECK) });

const checkMemberGroups = (request: GraphRequest): GraphAnswer => {
  const body = checkSchema.safeParse(request.body);
  if (!body.success) throw badRequest(`groupIds must name 1 to ${LARGEST_CHECK} groups.`);
  const user = findUser(request, param(request, 'id'));
  if (user === undefined) throw resourceNotFound(param(request, 'id'));
  const above = groupsAbove(request.caller.tenant, user.memberOf);
  return ok({
    '@odata.context': `${request.base}/$metadata#Collection(Edm.String)`,
    value: body.data.groupIds.filter((id) => above.has(id.toLowerCase())),
  });
};

const getMemberGroups = (request: GraphRequest): GraphAnswer => {
  const user = findUser(request, param(request, 'id'));
  if (user === undefined) throw resourceNotFound(param(request, 'id'));
  return ok({
    '@odata.context': `${request.base}/$metadata#Collection(Edm.String)`,
    value: [...groupsAbove(request.caller.tenant, user.memberOf)],
  });
};

export const USER_OPERATIONS: readonly Operation[] = [
  { method: 'GET', path: '/users', permissions: READ_USERS, scope: 'identity', units: 2, handle: listUsers },
  { method: 'GET', path: '/users/$count', permissions: READ_USERS, scope: 'identity', units: 1, handle: countUsers },
  { method: 'GET', path: '/users/{id}', permissions: null, scope: 'identity', units: 1, handle: getUser },
  { method: 'GET', path: '/me', permissions: null, scope: 'identity', units: 1, handle: getUser },
  {
    method: 'POST',
    path: '/users/{id}/getMemberGroups',
    permissions: CHECK_MEMBER_GROUPS,
    scope: 'identity',
    units: 2,
    handle: getMemberGroups,
  },
  {
    method: 'POST',
    path: '/users/{id}/checkMemberGroups',
    permissions: CHECK_MEMBER_GROUPS,
    scope: 'identity',
    units: 4,
    handle: checkMemberGroups,
  },
];
