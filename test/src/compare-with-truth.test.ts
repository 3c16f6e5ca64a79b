import assert from 'node:assert/strict';
import { toPersonKey, type MfaDocument, type UserDocument } from '@muster/contracts';
import { compareReport, compareRowsKept, compareUsers } from './compare-with-truth.js';
import type { TrueUser } from './simulator-client.js';

const tenantId = '00000000-0000-4000-8000-000000000001';
const id = '00000000-0000-4000-8000-000000000002';
const mfa = {
  methods: ['mobilePhone'],
  isMfaRegistered: true,
  isMfaCapable: true,
  isPasswordlessCapable: false,
  preferredMethod: 'sms',
};
const truth = (fields: Partial<TrueUser> = {}): TrueUser[] => [
  { id, deletedDateTime: null, inGroup: true, groupPath: ['g'], accountEnabled: true, mfa, ...fields } as TrueUser,
];
const report: Partial<MfaDocument> = {
  state: 'capable',
  isMfaRegistered: true,
  isMfaCapable: true,
  isPasswordlessCapable: false,
  isSsprRegistered: true,
  isSsprCapable: true,
  isSsprEnabled: true,
  isSystemPreferredAuthenticationMethodEnabled: true,
  systemPreferredAuthenticationMethods: ['sms'],
  userPreferredMethodForSecondaryAuthentication: 'sms',
  methodsRegistered: ['mobilePhone'],
  stale: false,
};
const documents = <T>(document: object): ReadonlyMap<string, T> =>
  new Map([[toPersonKey(tenantId, id), document as T]]);
const fieldsOf = (found: readonly string[]): (string | undefined)[] => found.map((sentence) => sentence.split(' ')[1]);

describe('an MFA document beside the truth', () => {
  const compare = (fields: Partial<MfaDocument>, of: TrueUser[] = truth()): string[] =>
    compareReport(of, { tenantId }, documents<MfaDocument>({ ...report, ...fields }));

  it('is right when it says all of it, and a preference of none either way', () => {
    assert.deepEqual(compare({}), []);
    const undecided = truth({ mfa: { ...mfa, methods: ['email'], preferredMethod: null } });
    const fields = { methodsRegistered: ['email'], systemPreferredAuthenticationMethods: ['none'] };
    for (const preference of ['none', null])
      assert.deepEqual(
        compare({ ...fields, userPreferredMethodForSecondaryAuthentication: preference }, undecided),
        [],
      );
  });

  it('is wrong in its state alone, and in any other field of the report', () => {
    assert.deepEqual(fieldsOf(compare({ state: 'registered' })), ['state']);
    const wrong = { isPasswordlessCapable: true, isSsprRegistered: false, systemPreferredAuthenticationMethods: [] };
    assert.deepEqual(fieldsOf(compare(wrong)), Object.keys(wrong));
  });

  it('never says no of whom the report has no row', () => {
    const fields = { isMfaCapable: false, isMfaRegistered: false, stale: true };
    const unreported = truth({ mfa: null });
    assert.deepEqual(compare({ ...fields, state: 'unknown' }, unreported), []);
    assert.deepEqual(fieldsOf(compare({ ...fields, state: 'not-registered' }, unreported)), ['state']);
  });
});

describe('MFA documents that are kept', () => {
  const compare = (stale: boolean, of: Partial<TrueUser>, users = documents<UserDocument>({ userId: id })): string[] =>
    compareRowsKept(truth(of), { tenantId }, { users, mfa: documents<MfaDocument>({ userId: id, stale }) });

  it('are of people with a document, and old of those who are gone or out', () => {
    assert.deepEqual(compare(false, {}), []);
    assert.match(compare(false, {}, new Map())[0] ?? '', /none of the person/);
    for (const out of [{ inGroup: false }, { deletedDateTime: '2026-01-01T00:00:00Z' }]) {
      assert.match(compare(false, out)[0] ?? '', /out of scope/);
      assert.deepEqual(compare(true, out), []);
    }
  });
});

describe('a document beside the truth', () => {
  const compare = (fields: Partial<UserDocument>, of: Partial<TrueUser>): string[] =>
    compareUsers(truth(of), { tenantId }, documents<UserDocument>({ userId: id, accountEnabled: true, ...fields }));

  it('says whether the person is in the group, also of those who are gone', () => {
    const there: Partial<UserDocument> = { status: 'active', ssoEnabled: true, groupPath: ['g'] };
    assert.deepEqual(compare({ ...there, inGroup: true }, {}), []);
    assert.deepEqual(fieldsOf(compare({ ...there, inGroup: false }, {})), ['inGroup']);
    const gone = { deletedDateTime: '2026-01-01T00:00:00Z', inGroup: false };
    assert.deepEqual(fieldsOf(compare({ status: 'deleted', ssoEnabled: false, inGroup: true }, gone)), ['inGroup']);
  });
});
