import { deleteGroup, purgeGroup, restoreGroup } from '../../tenant/change-group.js';
import { deleteUser, purgeUser, restoreUser } from '../../tenant/change-user.js';
import { Conflict } from '../../tenant/conflict.js';
import { GraphFault, accessDenied, resourceNotFound } from '../fault.js';
import type { Operation } from '../operation.js';
import { DELETE_OR_RESTORE_USERS, WRITE_GROUPS, WRITE_USERS, opens } from '../permissions.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { findUser, param } from '../request.js';
import { DEFAULT_GROUP_PROPERTIES, createGroupShape } from '../shape-group.js';
import { DEFAULT_USER_PROPERTIES, createUserShape } from '../shape-user.js';

const GONE: GraphAnswer = { status: 204 };

const removeUser = (request: GraphRequest): GraphAnswer => {
  const user = findUser(request, param(request, 'id'));
  if (user === undefined) throw resourceNotFound(param(request, 'id'));
  deleteUser(request.caller.tenant, user, request.now);
  return GONE;
};

const removeGroup = (request: GraphRequest): GraphAnswer => {
  const { world, caller, now } = request;
  const group = caller.tenant.groups.get(param(request, 'id').toLowerCase());
  if (group?.deletedAt !== null) throw resourceNotFound(param(request, 'id'));
  const soft = group.unified || world.settings.switches.groupsSoftDelete;
  (soft ? deleteGroup : purgeGroup)(caller.tenant, group, now);
  return GONE;
};

/** A person or a group in the bin. */
const binned = (request: GraphRequest) => {
  const id = param(request, 'id').toLowerCase();
  const { tenant } = request.caller;
  const user = tenant.users.bin.get(id);
  const { roles } = request.caller;
  if (user !== undefined) {
    if (!opens(DELETE_OR_RESTORE_USERS, roles)) throw accessDenied();
    return { type: 'user', user } as const;
  }
  const group = tenant.groups.get(id);
  if (group?.deletedAt == null) throw resourceNotFound(param(request, 'id'));
  if (!opens(WRITE_GROUPS, roles)) throw accessDenied();
  return { type: 'group', group } as const;
};

const purge = (request: GraphRequest): GraphAnswer => {
  const item = binned(request);
  const { tenant } = request.caller;
  if (item.type === 'user') purgeUser(tenant, item.user, request.now);
  else purgeGroup(tenant, item.group, request.now);
  return GONE;
};

const restore = (request: GraphRequest): GraphAnswer => {
  const item = binned(request);
  const { tenant } = request.caller;
  const context = { '@odata.context': `${request.base}/$metadata#directoryObjects/$entity` };
  if (item.type === 'group') {
    restoreGroup(tenant, item.group, request.now);
    const shape = createGroupShape(DEFAULT_GROUP_PROPERTIES)(item.group);
    return { status: 200, body: { ...context, '@odata.type': '#microsoft.graph.group', ...shape } };
  }
  try {
    restoreUser(tenant, item.user, request.now);
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    throw new GraphFault(400, 'Request_BadRequest', 'A conflicting object with the same userPrincipalName exists.');
  }
  const shape = createUserShape(DEFAULT_USER_PROPERTIES)(item.user);
  return { status: 200, body: { ...context, '@odata.type': '#microsoft.graph.user', ...shape } };
};

/** Which of them is needed follows from what is in the bin. */
const DELETE_OR_RESTORE = [...DELETE_OR_RESTORE_USERS, ...WRITE_GROUPS];
const write = { scope: 'identityWrite' } as const;
const item = '/directory/deletedItems/{id}';

/** The few writes that a test of deletion needs; all else is changed through control. */
export const WRITE_OPERATIONS: readonly Operation[] = [
  { ...write, method: 'DELETE', path: '/users/{id}', permissions: WRITE_USERS, handle: removeUser },
  { ...write, method: 'DELETE', path: '/groups/{id}', permissions: WRITE_GROUPS, handle: removeGroup },
  { ...write, method: 'DELETE', path: item, permissions: DELETE_OR_RESTORE, handle: purge },
  { ...write, method: 'POST', path: `${item}/restore`, permissions: DELETE_OR_RESTORE, handle: restore },
];
