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

/** Of who is in scope. No row in the report means no data, or last good data that says so: never "no MFA". */
function compareMfa(user: TrueUser, document: MfaDocument | null): string[] {
  if (user.deletedDateTime !== null || !user.inGroup) return [];
  if (user.mfa === null)
    return document === null || document.stale ? [] : [`${user.id} has an MFA row that the report has not`];
  if (document === null) return [`${user.id} has no MFA document`];
  return tellDifferences(user.id, [
    ['isMfaRegistered', document.isMfaRegistered, user.mfa.isMfaRegistered],
    ['isMfaCapable', document.isMfaCapable, user.mfa.isMfaCapable],
    ['methodsRegistered', document.methodsRegistered.join(), user.mfa.methods.join()],
    ['stale', document.stale, false],
  ]);
}

const AT_ONCE = 500;

type Loaded<T> = ReadonlyMap<string, { document: T }>;
type Compare<T> = (user: TrueUser, document: T | null) => string[];

async function compareEach<T>(
  truth: readonly TrueUser[],
  tenantId: string,
  { load, compare }: { load: (ids: readonly string[]) => Promise<Loaded<T>>; compare: Compare<T> },
): Promise<string[]> {
  const wrong: string[] = [];
  for (let at = 0; at < truth.length; at += AT_ONCE) {
    const some = truth.slice(at, at + AT_ONCE);
    const loaded = await load(some.map(({ id }) => toPersonKey(tenantId, id)));
    for (const user of some) wrong.push(...compare(user, loaded.get(toPersonKey(tenantId, user.id))?.document ?? null));
  }
  return wrong;
}

/** Every difference between the documents and the directory, in words; empty = the picture is true. */
export async function compareWithTruth(
  store: Pick<Store, 'users'>,
  simulator: SimulatorClient,
  { tenantId }: SimulatedTenant,
): Promise<string[]> {
  const truth = await simulator.truth(tenantId);
  const wrong = await compareEach(truth, tenantId, { load: store.users.load, compare: compareUser });
  const known = new Set(truth.map(({ id }) => id));
  for await (const { userId } of store.users.ids(tenantId))
    if (!known.has(userId)) wrong.push(`${userId} is not in the directory, should be deleted`);
  return wrong;
}

/** The same for the MFA report. */
export async function compareMfaWithTruth(
  store: Pick<Store, 'mfa'>,
  simulator: SimulatorClient,
  { tenantId }: SimulatedTenant,
): Promise<string[]> {
  const truth = await simulator.truth(tenantId);
  return compareEach(truth, tenantId, { load: store.mfa.load, compare: compareMfa });
}
