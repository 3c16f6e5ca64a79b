import { toPersonKey, type MfaDocument, type UserDocument } from '@muster/contracts';
import type { Store } from '@muster/store';
import type { SimulatedTenant, SimulatorClient, TrueUser } from './simulator-client.js';

/** What the document of a true user must say, with a chosen group; null = there must be none. */
function expected(user: TrueUser, hadDocument: boolean) {
  const gone = user.deletedDateTime !== null;
  if (!hadDocument && (gone || !user.inGroup)) return null;
  const status = gone ? 'deleted' : !user.inGroup ? 'out-of-scope' : user.accountEnabled ? 'active' : 'disabled';
  return { status, ssoEnabled: status === 'active' };
}

const FOLLOWED = [
  'userPrincipalName',
  'displayName',
  'givenName',
  'surname',
  'mail',
  'jobTitle',
  'department',
  'accountEnabled',
  'userType',
] as const;

function compareUser(user: TrueUser, document: UserDocument | null): string[] {
  const want = expected(user, document !== null);
  if (want === null) return [];
  if (document === null) return [`${user.id} has no document, should be ${want.status}`];
  const isThere = want.status === 'active' || want.status === 'disabled';
  const pairs: [string, unknown, unknown][] = [
    ['status', document.status, want.status],
    ['ssoEnabled', document.ssoEnabled, want.ssoEnabled],
    ['inGroup', document.inGroup, isThere],
    // Nobody reads who is gone or outside: what was last known of them stays.
    ...(isThere ? FOLLOWED.map((field): [string, unknown, unknown] => [field, document[field], user[field]]) : []),
    ...(isThere
      ? [['groupPath', document.groupPath.join('>'), user.groupPath.join('>')] as [string, string, string]]
      : []),
  ];
  return tellDifferences(user.id, pairs);
}

const tellDifferences = (userId: string, pairs: readonly [string, unknown, unknown][]): string[] =>
  pairs
    .filter(([, is, should]) => is !== should)
    .map(([field, is, should]) => `${userId} ${field} is ${JSON.stringify(is)}, should be ${JSON.stringify(should)}`);

type Flags = { readonly isMfaCapable: boolean; readonly isMfaRegistered: boolean };
function toState({ isMfaCapable, isMfaRegistered }: Flags, no: 'not-registered' | 'unknown') {
  if (isMfaCapable) return 'capable';
  return isMfaRegistered ? 'registered' : no;
}

/** Of who is in scope. No row in the report means no data, or last good data that says so: never "no MFA". */
function compareMfa(user: TrueUser, document: MfaDocument | null): string[] {
  if (user.deletedDateTime !== null || !user.inGroup) return [];
  if (user.mfa === null) {
    if (document === null) return [];
    if (!document.stale) return [`${user.id} has an MFA row that the report has not`];
    return tellDifferences(user.id, [['state', document.state, toState(document, 'unknown')]]);
  }
  if (document === null) return [`${user.id} has no MFA document`];
  const { isMfaRegistered, isMfaCapable, isPasswordlessCapable, methods, preferredMethod } = user.mfa;
  return tellDifferences(user.id, [
    ['state', document.state, toState(user.mfa, 'not-registered')],
    ['isMfaRegistered', document.isMfaRegistered, isMfaRegistered],
    ['isMfaCapable', document.isMfaCapable, isMfaCapable],
    ['isPasswordlessCapable', document.isPasswordlessCapable, isPasswordlessCapable],
    // The simulator lets whoever has a method reset the password, and prefers for whoever is capable.
    ['isSsprRegistered', document.isSsprRegistered, isMfaRegistered],
    ['isSsprCapable', document.isSsprCapable, isMfaRegistered],
    ['isSsprEnabled', document.isSsprEnabled, true],
    ['system prefers', document.isSystemPreferredAuthenticationMethodEnabled, isMfaCapable],
    [
      'systemPreferredAuthenticationMethods',
      document.systemPreferredAuthenticationMethods.join(),
      isMfaCapable ? (preferredMethod ?? 'none') : '',
    ],
    // Null where the simulator is set to write "none" as an empty text.
    [
      'userPreferredMethodForSecondaryAuthentication',
      document.userPreferredMethodForSecondaryAuthentication ?? 'none',
      preferredMethod ?? 'none',
    ],
    ['methodsRegistered', document.methodsRegistered.join(), methods.join()],
    ['stale', document.stale, false],
  ]);
}

const AT_ONCE = 500;

/** By `toPersonKey`. */
type Documents<T> = ReadonlyMap<string, T>;
type Tenant = Pick<SimulatedTenant, 'tenantId'>;

const compareEach = <T>(
  truth: readonly TrueUser[],
  { tenantId }: Tenant,
  documents: Documents<T>,
  compare: (user: TrueUser, document: T | null) => string[],
): string[] => truth.flatMap((user) => compare(user, documents.get(toPersonKey(tenantId, user.id)) ?? null));

function findUnknown(truth: readonly TrueUser[], userIds: Iterable<string>): string[] {
  const known = new Set(truth.map(({ id }) => id));
  return [...userIds]
    .filter((userId) => !known.has(userId))
    .map((userId) => `${userId} is not in the directory, should be deleted`);
}

/** Every difference between all documents of a tenant and its directory, in words. */
export const compareUsers = (
  truth: readonly TrueUser[],
  tenant: Tenant,
  documents: Documents<UserDocument>,
): string[] => [
  ...compareEach(truth, tenant, documents, compareUser),
  ...findUnknown(
    truth,
    [...documents.values()].filter(({ status }) => status !== 'deleted').map(({ userId }) => userId),
  ),
];

/** The same for the MFA report. */
export const compareReport = (
  truth: readonly TrueUser[],
  tenant: Tenant,
  documents: Documents<MfaDocument>,
): string[] => compareEach(truth, tenant, documents, compareMfa);

/** With a chosen group: of whom rows may be kept at all, and that those of who is gone or out count as old. */
export function compareRowsKept(
  truth: readonly TrueUser[],
  { tenantId }: Tenant,
  { users, mfa }: { users: Documents<UserDocument>; mfa: Documents<MfaDocument> },
): string[] {
  const inScope = new Set(truth.flatMap((user) => (user.deletedDateTime === null && user.inGroup ? [user.id] : [])));
  return [...mfa.values()].flatMap(({ userId, stale }) => {
    if (!users.has(toPersonKey(tenantId, userId))) return [`${userId} has an MFA document, and none of the person`];
    return stale || inScope.has(userId) ? [] : [`${userId} is out of scope, and the MFA document not stale`];
  });
}

async function loadEach<T>(
  truth: readonly TrueUser[],
  { tenantId }: Tenant,
  load: (ids: readonly string[]) => Promise<ReadonlyMap<string, { document: T }>>,
): Promise<Documents<T>> {
  const loaded = new Map<string, T>();
  for (let at = 0; at < truth.length; at += AT_ONCE) {
    const some = truth.slice(at, at + AT_ONCE).map(({ id }) => toPersonKey(tenantId, id));
    for (const [key, { document }] of await load(some)) loaded.set(key, document);
  }
  return loaded;
}

/** Every difference between the documents and the directory, in words; empty = the picture is true. */
export async function compareWithTruth(
  { users }: Pick<Store, 'users'>,
  simulator: SimulatorClient,
  tenant: SimulatedTenant,
): Promise<string[]> {
  const truth = await simulator.truth(tenant.tenantId);
  const wrong = compareEach(truth, tenant, await loadEach(truth, tenant, users.load), compareUser);
  const ids: string[] = [];
  for await (const { userId } of users.ids(tenant.tenantId)) ids.push(userId);
  return [...wrong, ...findUnknown(truth, ids)];
}

/** The same for the MFA report. */
export async function compareMfaWithTruth(
  { mfa }: Pick<Store, 'mfa'>,
  simulator: SimulatorClient,
  tenant: SimulatedTenant,
): Promise<string[]> {
  const truth = await simulator.truth(tenant.tenantId);
  return compareReport(truth, tenant, await loadEach(truth, tenant, mfa.load));
}
