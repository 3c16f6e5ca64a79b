import type { MfaState, UserStatus } from '@muster/contracts';

/** What people are narrowed by; all of it has to fit. */
export type PeopleFilter = {
  tenantId?: string;
  notOfTenants?: readonly string[];
  /** Matches the start of words in name, UPN or mail, without case. */
  search?: string;
  status?: UserStatus;
  inGroup?: boolean;
  userType?: string;
  mfa?: MfaState;
  /** Of the MFA report; nobody without a row is one. */
  isAdmin?: boolean;
};
