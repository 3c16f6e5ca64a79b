import { createSign, createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { directoryUser, guid, instant, mfaRegistration } from '@muster/contracts';
import fc from 'fast-check';
import { z } from 'zod';
import type { Graph, KeptTokens, TokenVault } from '../src/index.js';
import { answers, GRAPH, id, LOGIN, REFRESH, SECRET, spoil, TOKEN } from './fuzz-wire.js';

export const [TENANT, CLIENT, USER, GROUP] = [id(0), id(1), id(2), id(3)];
export const [CODE, VERIFIER, NONCE] = [
  '0.code-that-came-back',
  'verifier-of-the-one-who-began-it-43-characters',
  'nonce-1',
];
export const SECRETS = [SECRET, TOKEN, REFRESH, CODE, VERIFIER];
const AUTHORITY = `${LOGIN}/${TENANT}`;
export const credentials = {
  tenantId: TENANT,
  clientId: CLIENT,
  clientSecret: SECRET,
  graphUrl: GRAPH,
  loginUrl: LOGIN,
};
export const token = { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token: TOKEN };
const refusal = {
  ...{ error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret.', error_codes: [7000215] },
  ...{
    suberror: 'basic_action',
    claims: '{}',
    trace_id: id(8),
    correlation_id: id(9),
    timestamp: '2026-01-01 00:00:00Z',
  },
};
export const graphRefusal = {
  error: { code: 'Authorization_RequestDenied', message: `No ${id(8)}`, innerError: { date: '2026' } },
};

const page = (row: fc.Arbitrary<object>, last?: string): fc.Arbitrary<object> =>
  fc.tuple(fc.array(row, { maxLength: 3 }), fc.nat({ max: 9 })).chain(([value, nth]) => {
    const next = { value, '@odata.nextLink': `${GRAPH}/v1.0/users?$skiptoken=${nth}` };
    const end = last === undefined ? { value } : { value, [last]: `${GRAPH}/v1.0/users/delta?$deltatoken=${nth}` };
    return fc.constantFrom(next, end);
  });
const somebody = fc.nat({ max: 6 }).map(id);
const user = somebody.map((one) => ({
  id: one,
  displayName: 'Ann',
  mail: null,
  accountEnabled: true,
  userType: 'Guest',
}));
const member = fc.record({
  id: somebody,
  '@odata.type': fc.constantFrom('#microsoft.graph.user', '#microsoft.graph.group'),
});
const FLAGS = [
  'isMfaRegistered',
  'isMfaCapable',
  'isPasswordlessCapable',
  'isSsprRegistered',
  'isSsprEnabled',
  'isSsprCapable',
];
const reported = somebody.map((one) => ({
  ...{
    id: one,
    ...Object.fromEntries(FLAGS.map((flag) => [flag, true])),
    methodsRegistered: ['mobilePhone'],
    isAdmin: false,
  },
  ...{ systemPreferredAuthenticationMethods: ['push'], lastUpdatedDateTime: '2026-01-01T00:00:00.1234567Z' },
}));
const removed = somebody.map((one) => ({ id: one, '@removed': { reason: 'changed' } }));
const group = fc.record({
  id: somebody,
  displayName: fc.constant('All'),
  'members@delta': fc.array(member, { maxLength: 3 }),
});

const memberRow = z.object({ id: guid, kind: z.enum(['user', 'group']) });
const gone = z.enum(['soft', 'hard']);
const deltaUser = z.union([
  z.object({ userId: guid, user: directoryUser }),
  z.object({ userId: guid, user: z.null(), removed: gone }),
]);
const deltaGroup = z.object({
  ...{ groupId: guid, removed: gone.nullable(), displayName: z.string().nullish() },
  members: z.array(memberRow.extend({ removed: z.boolean() })),
});
export type Page = {
  rows: unknown[];
  malformed: number;
  observedAt: string;
  nextLink: string | null;
  deltaLink?: string | null;
};
export type Reader = {
  read: (graph: Graph) => AsyncIterable<Page>;
  pages: fc.Arbitrary<object>;
  row: z.ZodType;
  last?: object;
};
const delta = (row: fc.Arbitrary<object>) => page(row, '@odata.deltaLink');
const ended = { last: { value: [], '@odata.deltaLink': `${GRAPH}/v1.0/users/delta?$deltatoken=end` } };
export const READERS: Record<string, Reader> = {
  people: { read: (graph) => graph.userPages(), pages: page(user), row: directoryUser },
  'the people of a group': { read: (graph) => graph.groupPeoplePages(GROUP), pages: page(user), row: directoryUser },
  'members of a group': { read: (graph) => graph.memberPages(GROUP), pages: page(member), row: memberRow },
  'the MFA report': { read: (graph) => graph.mfaPages(), pages: page(reported), row: mfaRegistration },
  'changes of people': {
    read: (graph) => graph.userDeltaPages(),
    pages: delta(fc.oneof(user, removed)),
    row: deltaUser,
    ...ended,
  },
  'changes of groups': {
    ...{ read: (graph) => graph.groupDeltaPages({ groupIds: [GROUP] }), row: deltaGroup, ...ended },
    pages: delta(fc.oneof(group, removed)),
  },
};
type Part = { id: string; url: string };
export const PEOPLE = [id(4), id(5), id(6)];
const partBody = (url: string): unknown =>
  url.endsWith('checkMemberGroups') ? { value: [GROUP] } : { id: url.split(/[/?]/)[2], displayName: 'Ann' };
const partsOf = (body: string): Part[] => (JSON.parse(body) as { requests: Part[] }).requests;
export const toBatch = (body: string) => ({
  responses: partsOf(body).map(({ id: part, url }) => ({ id: part, status: 200, headers: {}, body: partBody(url) })),
});
const partIds = PEOPLE.flatMap((one) => [`u:${one}`, `m:${one}`, one]);
/** Of any round, so that some parts are not of the one that asked. */
export const batch = fc
  .tuple(fc.shuffledSubarray(partIds, { minLength: 6 }), fc.array(fc.constantFrom(200, 404, 429, 503)))
  .map(([some, statuses]) => ({
    responses: some.map((part, nth) => ({
      ...{ id: part, status: statuses[nth] ?? 200, headers: { 'Retry-After': '2' } },
      body: part.startsWith('m:') ? { value: [GROUP] } : { id: part.slice(-36) },
    })),
  }));
export const readUser = z.discriminatedUnion('found', [
  z.object({ found: z.literal('yes'), userId: guid, observedAt: instant, user: directoryUser, inGroup: z.boolean() }),
  z.object({ found: z.literal('no'), userId: guid, observedAt: instant, removed: gone }),
  z.object({ found: z.literal('failed'), userId: guid, observedAt: instant, failure: z.instanceof(Error) }),
]);

export const ours = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value ?? null)).toString('base64url');
export function sign(header: unknown, payload: unknown, { privateKey }: { privateKey: KeyObject }): string {
  const text = `${base64(header)}.${base64(payload)}`;
  return `${text}.${createSign('sha256').update(text).sign(privateKey, 'base64url')}`;
}
const seconds = (): number => Math.floor(Date.now() / 1_000);
export const claims = () => ({
  ...{ iss: `${AUTHORITY}/v2.0`, aud: CLIENT, tid: TENANT, oid: USER, sub: USER, nonce: NONCE, iat: seconds() },
  ...{ exp: seconds() + 86_400, nbf: seconds() - 60, preferred_username: 'ada@example.org', name: 'Ada', ver: '2.0' },
});
export const goodHeader = { alg: 'RS256', kid: 'k', typ: 'JWT' };
export const usual = <T>(value: T, weight: number, rest: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: rest });
const idToken = fc
  .tuple(
    usual<unknown>(goodHeader, 8, spoil(fc.constant(goodHeader), ['none'])),
    usual<unknown>(claims(), 3, spoil(fc.constant(claims()), [USER, CLIENT])),
    usual(ours, 8, fc.constant(other)),
  )
  .map((parts) => sign(...parts));
export const clientInfo = base64({ uid: USER, utid: TENANT });
export const signedIn = idToken.map((id_token) => ({
  ...{ ...token, scope: 'User.Read openid', refresh_token: REFRESH, client_info: clientInfo, id_token },
}));
export const discovery = {
  issuer: `${AUTHORITY}/v2.0`,
  authorization_endpoint: `${AUTHORITY}/authorize`,
  jwks_uri: `${AUTHORITY}/keys`,
};
export const jwks = { keys: [{ ...ours.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] };
export const tokens = (good: fc.Arbitrary<unknown>) => answers({ good, bad: fc.constant(refusal), echoes: SECRETS });
/** What is asked for without a secret, so that none can come back. */
export const open = (good: unknown) =>
  answers({ good: fc.constant(good), bad: fc.constant(refusal), echoes: ['nothing'] });

/** By itself: what of a token must be as it is. */
export function isHonest(text: string): boolean {
  const [head = '', body = '', signature = ''] = text.split('.');
  const payload = JSON.parse(Buffer.from(body, 'base64url').toString());
  const isOurs = createVerify('sha256').update(`${head}.${body}`).verify(ours.publicKey, signature, 'base64url');
  const { iss, aud, tid, nonce, exp } = payload;
  const wanted = [discovery.issuer, true, TENANT, NONCE];
  return (
    isOurs &&
    exp > seconds() - 600 &&
    JSON.stringify([iss, [aud].flat().includes(CLIENT), tid, nonce]) === JSON.stringify(wanted)
  );
}

export function vaultOf(first: KeptTokens) {
  const vault = { kept: first };
  const port: TokenVault = {
    ...{ id: 'v', read: () => Promise.resolve(vault.kept), lock: () => Promise.resolve(() => Promise.resolve()) },
    save: (_, some) => Promise.resolve(((vault.kept = { ...vault.kept, version: '2', tokens: some }), true)),
    refuse: (_, refused) => Promise.resolve(((vault.kept = { ...vault.kept, refused }), true)),
  };
  return { vault, port };
}
