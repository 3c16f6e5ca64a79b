import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toDirectoryUser } from './to-directory-user.js';
import { toMfaRegistration } from './to-mfa-registration.js';

const id = '7A8B9C0D-1111-4222-8333-444455556666';
/** The documented shape: https://learn.microsoft.com/graph/api/resources/userregistrationdetails */
const reported = {
  id,
  userPrincipalName: 'anna.berg@example.com',
  userDisplayName: 'Anna Berg',
  userType: 'member',
  isAdmin: false,
  isSsprRegistered: true,
  isSsprEnabled: true,
  isSsprCapable: true,
  isMfaRegistered: true,
  isMfaCapable: true,
  isPasswordlessCapable: false,
  methodsRegistered: ['mobilePhone', 'aMethodOfTomorrow'],
  isSystemPreferredAuthenticationMethodEnabled: true,
  systemPreferredAuthenticationMethods: ['push'],
  userPreferredMethodForSecondaryAuthentication: '',
  lastUpdatedDateTime: '2026-11-23T09:00:00.1234567Z',
};

describe('toDirectoryUser', () => {
  it('keeps the id in lower case, and what was never set as null', () => {
    const user = toDirectoryUser({ '@odata.id': 'x', id, displayName: 'Anna Berg', accountEnabled: false });
    assert.equal(user?.userId, id.toLowerCase());
    assert.deepEqual([user.displayName, user.accountEnabled, user.mail], ['Anna Berg', false, null]);
  });

  it('refuses a row without an id, or with one property of another kind', () => {
    assert.equal(toDirectoryUser({ displayName: 'Anna Berg' }), null);
    assert.equal(toDirectoryUser({ id, accountEnabled: 'yes' }), null);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (row) => void toDirectoryUser(row)));
  });
});

describe('toMfaRegistration', () => {
  it('reads the documented row; methods are an open set, an empty preference is none', () => {
    const row = toMfaRegistration(reported);
    assert.equal(row?.userId, id.toLowerCase());
    assert.deepEqual(row.methodsRegistered, ['mobilePhone', 'aMethodOfTomorrow']);
    assert.equal(row.userPreferredMethodForSecondaryAuthentication, null);
    assert.equal(row.reportedAt, '2026-11-23T09:00:00.123Z');
  });

  it('refuses a row that lacks a flag: a broken row is never "no MFA"', () => {
    for (const flag of ['isMfaRegistered', 'isMfaCapable', 'isSsprEnabled'] as const) {
      assert.equal(toMfaRegistration({ ...reported, [flag]: undefined }), null);
      assert.equal(toMfaRegistration({ ...reported, [flag]: null }), null);
    }
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (row) => void toMfaRegistration(row)));
  });
});
