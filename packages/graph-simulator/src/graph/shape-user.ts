import type { User } from '../tenant/user.js';

export const toTime = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');

type Read = (user: User) => unknown;
const nothing: Read = () => null;

/** Every property that a user is known to have here; what this tenant never holds is null or empty. */
export const USER_PROPERTIES: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['id', (user) => user.id],
  ['businessPhones', (user) => (user.businessPhone === null ? [] : [user.businessPhone])],
  ['displayName', (user) => user.displayName],
  ['givenName', (user) => user.givenName],
  ['jobTitle', (user) => user.jobTitle],
  ['mail', (user) => user.mail],
  ['mobilePhone', (user) => user.mobilePhone],
  ['officeLocation', (user) => user.officeLocation],
  ['preferredLanguage', (user) => user.preferredLanguage],
  ['surname', (user) => user.surname],
  ['userPrincipalName', (user) => user.userPrincipalName],
  ['accountEnabled', (user) => user.accountEnabled],
  ['userType', (user) => user.userType],
  ['department', (user) => user.department],
  ['companyName', (user) => user.companyName],
  ['employeeId', (user) => user.employeeId],
  ['usageLocation', (user) => user.usageLocation],
  ['city', (user) => user.city],
  ['country', (user) => user.country],
  ['createdDateTime', (user) => toTime(user.createdAt)],
  ['deletedDateTime', (user) => (user.deletedAt === null ? null : toTime(user.deletedAt))],
  ['mailNickname', (user) => user.userPrincipalName.split('@')[0]],
  ['creationType', (user) => (user.userType === 'Guest' ? 'Invitation' : null)],
  ['externalUserState', (user) => (user.userType === 'Guest' ? 'Accepted' : null)],
  ['otherMails', () => []],
  ['proxyAddresses', () => []],
  ['assignedLicenses', () => []],
  ['assignedPlans', () => []],
  ['identities', () => []],
  ['ageGroup', nothing],
  ['employeeHireDate', nothing],
  ['employeeType', nothing],
  ['faxNumber', nothing],
  ['lastPasswordChangeDateTime', nothing],
  ['onPremisesImmutableId', nothing],
  ['onPremisesSyncEnabled', nothing],
  ['onPremisesLastSyncDateTime', nothing],
  ['postalCode', nothing],
  ['signInActivity', nothing],
  ['state', nothing],
  ['streetAddress', nothing],
]);

export const USER_NAMES: ReadonlySet<string> = new Set(USER_PROPERTIES.keys());

/** Without `$select` (contract 5.4). */
export const DEFAULT_USER_PROPERTIES: readonly string[] = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
];

/** The only ones that User.ReadBasic.All opens. */
export const BASIC_USER_PROPERTIES: ReadonlySet<string> = new Set([
  'displayName',
  'givenName',
  'id',
  'mail',
  'surname',
  'userPrincipalName',
]);

export type Shape = Record<string, unknown>;

/** Compiled once per request, run once per row. */
export const createUserShape = (names: readonly string[]): ((user: User) => Shape) => {
  const reads = names.map((name) => [name, USER_PROPERTIES.get(name) ?? nothing] as const);
  return (user) => {
    const shape: Shape = {};
    for (const [name, read] of reads) shape[name] = read(user);
    return shape;
  };
};

const toJson = (value: unknown): string => (value === null ? 'null' : JSON.stringify(value));

/** Like the shape, but straight to JSON text. */
export const createUserWriter = (names: readonly string[]): ((user: User) => string) => {
  const parts = names.map((name, index) => ({
    key: `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    read: USER_PROPERTIES.get(name) ?? nothing,
  }));
  if (parts.length === 0) return () => '{}';
  return (user) => {
    let text = '';
    for (const { key, read } of parts) text += key + toJson(read(user));
    return `${text}}`;
  };
};
