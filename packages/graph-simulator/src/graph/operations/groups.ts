import { z } from 'zod';
import type { Group, Member } from '../../tenant/group.js';
import { resourceNotFound } from '../fault.js';
import { parseFilter, toPredicate } from '../filter.js';
import { nestedMembers } from '../nested-members.js';
import type { Operation } from '../operation.js';
import { pageById, readFrom } from '../page-by-id.js';
import { READ_GROUPS, READ_MEMBERS, READ_USER_PROPERTIES, opens } from '../permissions.js';
import { needsConsistencyLevel, optionsOf, readSelect, readTop, refuseOptions, wantsCount } from '../query.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { findUser, ok, param, readToken, roomOf, toLink } from '../request.js';
import { DEFAULT_GROUP_PROPERTIES, GROUP_NAMES, createGroupShape, readGroupProperty } from '../shape-group.js';
import type { Shape } from '../shape-user.js';
import { DEFAULT_USER_PROPERTIES, USER_NAMES, createUserShape } from '../shape-user.js';
import { expiredPage } from './users.js';

const findGroup = (request: GraphRequest): Group => {
  const group = request.view.group(param(request, 'id').toLowerCase());
  if (group?.deletedAt !== null) throw resourceNotFound(param(request, 'id'));
  return group;
};

const getGroup = (request: GraphRequest): GraphAnswer => {
  const names = readSelect(request.query, { known: GROUP_NAMES, type: 'microsoft.graph.group' });
  const group = findGroup(request);
  return ok({
    '@odata.context': `${request.base}/$metadata#groups/$entity`,
    ...createGroupShape(names ?? DEFAULT_GROUP_PROPERTIES)(group),
  });
};

const listGroups = (request: GraphRequest): GraphAnswer => {
  refuseOptions(request.query, ['$skip', '$expand', '$orderby', '$search']);
  const names = readSelect(request.query, { known: GROUP_NAMES, type: 'microsoft.graph.group' });
  const from = readFrom(request.query);
  if (from === null) throw expiredPage();
  const limit = readTop(request.query, 100);
  const filter = request.query.get('$filter');
  const matches = filter === null ? () => true : toPredicate(parseFilter(filter), readGroupProperty);
  const groups = [...request.view.groups()].filter((group) => group.deletedAt === null && matches(group));
  const { rows, next } = pageById(groups, { from, limit });
  const kept = optionsOf(request.query, ['$select', '$filter', '$top', '$count']);
  return ok({
    '@odata.context': `${request.base}/$metadata#groups`,
    ...(from === '' && wantsCount(request) && { '@odata.count': groups.length }),
    ...(next !== null && {
      '@odata.nextLink': toLink(request.base, '/groups', { kept, name: '$skiptoken', token: next }),
    }),
    value: rows.map(createGroupShape(names ?? DEFAULT_GROUP_PROPERTIES)),
  });
};

const skipSchema = z.object({ slot: z.int().min(0), version: z.int().min(0).optional() });
const placeOf = ({ query }: GraphRequest): z.infer<typeof skipSchema> => {
  const skip = query.get('$skiptoken');
  const token = skip === null ? { slot: 0 } : readToken(skipSchema, skip);
  if (token === null) throw expiredPage();
  return token;
};

/** A soft-deleted person is not listed, though delta still counts that person as a member (contract 5.4). */
const isListed = ({ view }: GraphRequest, { id, type }: Member) =>
  (type === 'group' ? view.group(id) : view.user(id))?.deletedAt === null;

/** What the app may not read comes with type and id only, the rest null (contract 1.7). */
const createMemberShape = (request: GraphRequest): ((member: Member) => Shape) => {
  const { view, caller } = request;
  const known = new Set([...USER_NAMES, ...GROUP_NAMES]);
  const selected = readSelect(request.query, { known, type: 'microsoft.graph.directoryObject' });
  const userNames = (selected ?? DEFAULT_USER_PROPERTIES).filter((name) => USER_NAMES.has(name));
  const groupNames = (selected ?? DEFAULT_GROUP_PROPERTIES).filter((name) => GROUP_NAMES.has(name));
  const mayReadUsers = opens(READ_USER_PROPERTIES, caller.roles);
  const mayReadGroups = opens(READ_GROUPS, caller.roles);
  const [toUser, toGroup] = [createUserShape(userNames), createGroupShape(groupNames)];
  const blank = Object.fromEntries(userNames.map((name) => [name, name === 'businessPhones' ? [] : null]));
  return ({ id, type }) => {
    const [user, group] = [view.user(id), view.group(id)];
    const known = user ? mayReadUsers && toUser(user) : group && mayReadGroups && toGroup(group);
    const properties = known === false ? { ...(user && blank), id } : (known ?? { id });
    return { '@odata.type': `#microsoft.graph.${type}`, ...properties };
  };
};

type Kind = 'members' | 'transitiveMembers' | 'owners' | 'memberOf';
type Source = {
  readonly path: string;
  readonly members: readonly (Member | undefined)[];
  /** Of the directory, when the listing is of one version. */
  readonly version?: number;
};

/** The groups that a person is in directly. */
const groupsOf = (request: GraphRequest): Source => {
  const user = findUser(request, param(request, 'id'));
  if (user === undefined) throw resourceNotFound(param(request, 'id'));
  return { path: `/users/${user.id}/memberOf`, members: user.memberOf.map((id) => ({ id, type: 'group' })) };
};

const sourceOf = (request: GraphRequest, kind: Kind): Source => {
  if (kind === 'memberOf') return groupsOf(request);
  const group = findGroup(request);
  const path = `/groups/${group.id}/${kind}`;
  if (kind === 'owners') return { path, members: group.owners.map((id) => ({ id, type: 'user' })) };
  if (kind === 'members') return { path, members: request.view.members(group) };
  const { caller, view } = request;
  return { path, ...nestedMembers({ tenant: caller.tenant, view }, group.id, placeOf(request).version) };
};

const castOf = (request: GraphRequest): 'user' | 'group' | null => {
  const cast = request.params['cast']?.toLowerCase();
  if (cast === undefined) return null;
  if (cast !== 'microsoft.graph.user' && cast !== 'microsoft.graph.group') throw resourceNotFound(cast);
  if (!wantsCount(request)) needsConsistencyLevel(request, 'A cast of members');
  return cast === 'microsoft.graph.user' ? 'user' : 'group';
};

const list =
  (kind: Kind) =>
  (request: GraphRequest): GraphAnswer => {
    refuseOptions(request.query, ['$skip', '$expand', '$orderby', '$search', '$filter']);
    const cast = castOf(request);
    const { path, members, version } = sourceOf(request, kind);
    const accept = (member: Member | undefined): member is Member =>
      member !== undefined && (cast === null || member.type === cast) && isListed(request, member);
    const limit = roomOf(request, readTop(request.query, 100));
    const { slot: start } = placeOf(request);
    const rows: Member[] = [];
    let next: number | null = null;
    for (let slot = start; slot < members.length && next === null; slot += 1) {
      const member = members[slot];
      if (!accept(member)) continue;
      if (rows.length === limit) next = slot;
      else rows.push(member);
    }
    const kept = optionsOf(request.query, ['$select', '$top', '$count']);
    const link = cast === null ? path : `${path}/microsoft.graph.${cast}`;
    return ok({
      '@odata.context': `${request.base}/$metadata#${cast === null ? 'directoryObjects' : `${cast}s`}`,
      ...(start === 0 && wantsCount(request) && { '@odata.count': members.filter(accept).length }),
      ...(next !== null && {
        '@odata.nextLink': toLink(request.base, link, { kept, name: '$skiptoken', token: { slot: next, version } }),
      }),
      value: rows.map(createMemberShape(request)),
    });
  };

const count =
  (kind: Kind) =>
  (request: GraphRequest): GraphAnswer => {
    needsConsistencyLevel(request, '$count');
    const cast = castOf(request);
    const { members } = sourceOf(request, kind);
    const counts = (member: Member | undefined) =>
      member !== undefined && (cast === null || member.type === cast) && isListed(request, member);
    return ok(members.filter(counts).length);
  };

/** What a listing costs and who may read it; owners are not on Microsoft's list of costs, so they cost 1. */
const KINDS = {
  members: { of: '/groups', permissions: READ_MEMBERS, units: 3 },
  transitiveMembers: { of: '/groups', permissions: READ_MEMBERS, units: 5 },
  owners: { of: '/groups', permissions: READ_GROUPS, units: 1 },
  memberOf: { of: '/users', permissions: READ_USER_PROPERTIES, units: 2 },
} as const;

const listingsOf = (kind: Kind): Operation[] => {
  const { of, ...rights } = KINDS[kind];
  const shared = { ...rights, method: 'GET', scope: 'identity' } as const;
  const path = `${of}/{id}/${kind}`;
  return [
    { ...shared, path, handle: list(kind) },
    { ...shared, path: `${path}/$count`, handle: count(kind) },
    { ...shared, path: `${path}/{cast}`, handle: list(kind) },
    { ...shared, path: `${path}/{cast}/$count`, handle: count(kind) },
  ];
};

export const GROUP_OPERATIONS: readonly Operation[] = [
  { method: 'GET', path: '/groups', permissions: READ_GROUPS, scope: 'identity', units: 1, handle: listGroups },
  { method: 'GET', path: '/groups/{id}', permissions: READ_GROUPS, scope: 'identity', units: 1, handle: getGroup },
  ...listingsOf('members'),
  ...listingsOf('transitiveMembers'),
  ...listingsOf('owners'),
  ...listingsOf('memberOf'),
];
