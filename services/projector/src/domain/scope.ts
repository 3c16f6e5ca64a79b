import { isInScopeStatus, type IntegrationSettings, type UserDocument } from '@muster/contracts';

/** What the settings say of who belongs, and since when they are. */
export type Scope = Pick<IntegrationSettings, 'tenantId' | 'groupId' | 'includeGuests' | 'features' | 'createdAt'>;

/** With a group its members are in scope; without one everyone is, guests by the setting. */
export const isInScope = (scope: Scope, person: { userType: string | null; inGroup: boolean }): boolean =>
  scope.groupId === null ? scope.includeGuests || person.userType?.toLowerCase() !== 'guest' : person.inGroup;

/**
 * MFA rows are kept of people in scope; where users are not synced, the reconciler has chosen already. Without a group
 * the report may come ahead of the people.
 */
export const mayKeepMfa = (scope: Scope, user: Pick<UserDocument, 'status'> | null): boolean => {
  if (!scope.features.userSync) return true;
  if (user === null) return scope.groupId === null;
  return isInScopeStatus(user.status);
};
