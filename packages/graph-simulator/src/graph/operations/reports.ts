import { z } from 'zod';
import { isAdmin } from '../../sign-in/directory-roles.js';
import { reportedMfa } from '../../tenant/change-user.js';
import type { Mfa, User } from '../../tenant/user.js';
import { GraphFault, badRequest, resourceNotFound, unsupportedQuery } from '../fault.js';
import type { Comparison } from '../filter.js';
import { parseFilter, toPredicate } from '../filter.js';
import type { Operation } from '../operation.js';
import { READ_REPORTS } from '../permissions.js';
import { optionsOf, readSelect, readTop } from '../query.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { ok, param, readToken, roomOf, toLink } from '../request.js';
import type { Shape } from '../shape-user.js';
import { toTime } from '../shape-user.js';
import { expiredPage, pageOf } from './users.js';

const PATH = '/reports/authenticationMethods/userRegistrationDetails';
const TYPE = 'microsoft.graph.userRegistrationDetails';

const PASSWORDLESS = /^(fido2|passKey|windowsHello|microsoftAuthenticatorPasswordless)/i;

export const isPasswordless = ({ capable, methods }: Mfa): boolean =>
  capable && methods.some((method) => PASSWORDLESS.test(method));

export const preferredOf = ({ methods }: Mfa): string | null => {
  if (methods.includes('microsoftAuthenticatorPush')) return 'push';
  if (methods.includes('softwareOneTimePasscode')) return 'oath';
  return methods.includes('mobilePhone') ? 'sms' : null;
};

type Row = {
  readonly user: User;
  readonly mfa: Mfa;
  readonly refreshedAt: number;
  readonly isAdmin: boolean;
  /** How the report writes that a person prefers no method. */
  readonly none: 'none' | '';
};

const PROPERTIES: ReadonlyMap<string, (row: Row) => unknown> = new Map<string, (row: Row) => unknown>([
  ['id', ({ user }) => user.id],
  ['userPrincipalName', ({ user }) => user.userPrincipalName],
  ['userDisplayName', ({ user }) => user.displayName],
  ['userType', ({ user }) => user.userType.toLowerCase()],
  ['isAdmin', ({ isAdmin }) => isAdmin],
  ['isSsprRegistered', ({ mfa }) => mfa.methods.length > 0],
  ['isSsprEnabled', () => true],
  ['isSsprCapable', ({ mfa }) => mfa.methods.length > 0],
  ['isMfaRegistered', ({ mfa }) => mfa.methods.length > 0],
  ['isMfaCapable', ({ mfa }) => mfa.capable],
  ['isPasswordlessCapable', ({ mfa }) => isPasswordless(mfa)],
  ['methodsRegistered', ({ mfa }) => mfa.methods],
  ['isSystemPreferredAuthenticationMethodEnabled', ({ mfa }) => mfa.capable],
  ['systemPreferredAuthenticationMethods', ({ mfa }) => (mfa.capable ? [preferredOf(mfa) ?? 'none'] : [])],
  ['userPreferredMethodForSecondaryAuthentication', ({ mfa, none }) => preferredOf(mfa) ?? none],
  ['lastUpdatedDateTime', ({ refreshedAt }) => toTime(refreshedAt)],
]);
const NAMES = new Set(PROPERTIES.keys());

/** Disabled and soft-deleted people are left out: no row is "no data", not "no MFA" (contract 6.1). */
const isReported = (user: User) => user.accountEnabled && user.deletedAt === null;

/** Whether a person has a directory role for it is seen before, for all reports alike. */
export const requireReportLicence = ({ caller }: GraphRequest) => {
  if (caller.tenant.licence === 'none' || caller.tenant.kind === 'b2c')
    throw new GraphFault(
      403,
      'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
      "Tenant is not a B2C tenant and doesn't have premium license",
    );
};

/** The report is made every minute of its delay, at most once a second; the time says when, not what changed. */
const createRow = ({ now, world, caller }: GraphRequest) => {
  const { reportDelay } = world.settings.lifetimes;
  const refreshedAt = Math.floor((now - reportDelay) / 1000) * 1000;
  return (user: User): Row => ({
    user,
    mfa: reportedMfa(user, { at: now, reportDelay }),
    refreshedAt,
    none: world.settings.switches.emptyPreferredMethod ? '' : 'none',
    isAdmin: isAdmin(world.signIn, caller.tenant.id, user.id),
  });
};

const createShape = (names: readonly string[]) => (row: Row) => {
  const shape: Shape = {};
  for (const name of names) shape[name] = PROPERTIES.get(name)?.(row);
  return shape;
};

const NAMES_OF_PEOPLE = ['userPrincipalName', 'userDisplayName'];
const LISTS = ['methodsRegistered', 'systemPreferredAuthenticationMethods'];

/** Booleans by eq, the two names by eq and startsWith, the two lists by any (contract 6.1). */
const isFilterable = (name: string, type: Comparison['type']): boolean => {
  if (LISTS.includes(name)) return type === 'has';
  if (NAMES_OF_PEOPLE.includes(name)) return type === 'eq' || type === 'startsWith';
  return type === 'eq' && /^is[A-Z]/.test(name);
};

const readProperty = (name: string, type: Comparison['type']) => {
  const read = PROPERTIES.get(name);
  if (read === undefined || !isFilterable(name, type))
    throw unsupportedQuery(`Unsupported property filter clause: '${name}' with '${type}'.`);
  return read;
};

const skipSchema = z.object({ slot: z.int().min(0) });

const known = (user: User | undefined): User[] => (user === undefined ? [] : [user]);

/** Only by the two names (contract 6.1). */
const readOrder = (text: string | null): ((a: User, b: User) => number) | null => {
  if (text === null) return null;
  const match = /^(userPrincipalName|userDisplayName)(?:\s+(asc|desc))?$/.exec(text.trim());
  if (match === null) throw unsupportedQuery(`Unsupported order: '${text}'.`);
  const name = match[1] === 'userDisplayName' ? 'displayName' : 'userPrincipalName';
  const sign = match[2] === 'desc' ? -1 : 1;
  return (a, b) => sign * (a[name] < b[name] ? -1 : Number(a[name] > b[name]));
};

const listDetails = (request: GraphRequest): GraphAnswer => {
  requireReportLicence(request);
  const { query, base, world, caller } = request;
  if (query.has('$skip')) throw badRequest("'$skip' is not supported by the service.");
  const names = readSelect(query, { known: NAMES, type: TYPE }) ?? [...NAMES];
  const skip = query.get('$skiptoken');
  const start = skip === null ? { slot: 0 } : readToken(skipSchema, skip);
  if (start === null) throw expiredPage();
  const filter = query.get('$filter');
  const matches = filter === null ? () => true : toPredicate(parseFilter(filter), readProperty);
  const toRow = createRow(request);
  const accept = (user: User) => isReported(user) && matches(toRow(user));
  const limit = roomOf(request, readTop(query, world.settings.pageSizes.report));
  const order = readOrder(query.get('$orderby'));
  const slots = order === null ? caller.tenant.users.slots : caller.tenant.users.slots.flatMap(known).sort(order);
  const page = pageOf(slots, { slot: start.slot, limit, accept });
  const kept = optionsOf(query, ['$select', '$filter', '$orderby', '$top']);
  const toShape = createShape(names);
  return ok({
    '@odata.context': `${base}/$metadata${PATH.replace('/', '#')}`,
    ...(page.next !== null && {
      '@odata.nextLink': toLink(base, PATH, { kept, name: '$skiptoken', token: { slot: page.next } }),
    }),
    value: page.rows.map((user) => toShape(toRow(user))),
  });
};

/** Everybody's row with all properties. */
export const reportRows = (request: GraphRequest): Shape[] =>
  request.caller.tenant.users.slots
    .flatMap(known)
    .filter(isReported)
    .map(createRow(request))
    .map(createShape([...NAMES]));

const getDetails = (request: GraphRequest): GraphAnswer => {
  requireReportLicence(request);
  const names = readSelect(request.query, { known: NAMES, type: TYPE }) ?? [...NAMES];
  const user = request.caller.tenant.users.byId.get(param(request, 'id').toLowerCase());
  if (user === undefined || !isReported(user)) throw resourceNotFound(param(request, 'id'));
  return ok({
    '@odata.context': `${request.base}/$metadata${PATH.replace('/', '#')}/$entity`,
    ...createShape(names)(createRow(request)(user)),
  });
};

export const REPORT_OPERATIONS: readonly Operation[] = [
  { method: 'GET', path: PATH, permissions: READ_REPORTS, scope: 'reports', handle: listDetails },
  { method: 'GET', path: `${PATH}/{id}`, permissions: READ_REPORTS, scope: 'reports', handle: getDetails },
];
