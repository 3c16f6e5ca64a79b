import { GraphFault, accessDenied } from '../graph/fault.js';
import { opens } from '../graph/permissions.js';
import type { Caller } from '../graph/request.js';
import type { DirectoryRole } from './directory-roles.js';

type AnyOf = readonly (readonly string[])[];

/** One of these besides the permission (contract 6.2); other roles do not count. */
const REPORT_READERS: readonly DirectoryRole[] = [
  'Reports Reader',
  'Security Reader',
  'Security Administrator',
  'Global Reader',
];

/** `/me` is the caller; without a person there is none. */
export const resolveMe = (path: string, { userId }: Caller): string => {
  if (!/^\/me(\/|$)/i.test(path)) return path;
  if (userId === null)
    throw new GraphFault(400, 'BadRequest', '/me request is only valid with delegated authentication flow.');
  return `/users/${userId}${path.slice('/me'.length)}`;
};

const isSelf = ({ tenant, userId }: Caller, id: string) =>
  userId !== null && (id.toLowerCase() === userId || tenant.users.byName.get(id.toLowerCase())?.id === userId);

export type GraphCall = {
  readonly method: string;
  /** Of the operation, with parameters in braces. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** Null: the operation itself decides. */
  readonly permissions: AnyOf | null;
};

/**
 * The one rule for who may call what: an app by its roles; a person by the scopes consented to, for reports also by
 * a directory role; about themselves by User.Read. Returns the caller with the rights that hold for this call.
 */
export const authorizeCall = (caller: Caller, { method, path, params, permissions }: GraphCall): Caller => {
  const isOwnProfile =
    method === 'GET' && path === '/users/{id}' && isSelf(caller, params['id'] ?? '') && caller.roles.has('User.Read');
  const effective = isOwnProfile ? { ...caller, roles: new Set([...caller.roles, 'User.Read.All']) } : caller;
  if (permissions !== null && !opens(permissions, effective.roles)) throw accessDenied();
  const isReport = path.startsWith('/reports/');
  if (isReport && caller.userId !== null && !REPORT_READERS.some((role) => caller.directoryRoles.has(role)))
    throw accessDenied();
  return effective;
};
