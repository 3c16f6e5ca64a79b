import { randomUUID } from 'node:crypto';
import type { DirectoryUser, MfaRegistration, UserDocument } from '@muster/contracts';

/** A member whose account is enabled, as read from Graph; `fields` say what matters to the test. */
export const toUser = (fields: Partial<DirectoryUser> = {}): DirectoryUser => ({
  userId: randomUUID(),
  userPrincipalName: 'anna@example.com',
  displayName: 'Anna',
  givenName: null,
  surname: null,
  mail: null,
  jobTitle: null,
  department: null,
  accountEnabled: true,
  userType: 'Member',
  ...fields,
});

/** Somebody active, as after a first read without a group. */
export const toUserDocument = (fields: Partial<UserDocument> = {}): UserDocument => {
  const at = new Date().toISOString();
  return {
    ...toUser(),
    tenantId: randomUUID(),
    status: 'active',
    ssoEnabled: true,
    inGroup: true,
    groupPath: [],
    revision: 1,
    observedAt: at,
    changedAt: at,
    ...fields,
  };
};

/** A row of the MFA report: registered and capable. */
export const toMfaRow = (userId: string, fields: Partial<MfaRegistration> = {}): MfaRegistration => ({
  userId,
  isAdmin: false,
  isMfaRegistered: true,
  isMfaCapable: true,
  isPasswordlessCapable: false,
  isSsprRegistered: false,
  isSsprEnabled: false,
  isSsprCapable: false,
  isSystemPreferredAuthenticationMethodEnabled: null,
  methodsRegistered: ['fido2'],
  systemPreferredAuthenticationMethods: [],
  userPreferredMethodForSecondaryAuthentication: null,
  reportedAt: null,
  ...fields,
});
