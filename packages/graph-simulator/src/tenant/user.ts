/** What an administrator can set on a person. Order = bit in a change's mask; only append. */
export const USER_FIELDS = [
  'displayName',
  'givenName',
  'surname',
  'mail',
  'userPrincipalName',
  'jobTitle',
  'department',
  'officeLocation',
  'mobilePhone',
  'businessPhone',
  'preferredLanguage',
  'accountEnabled',
  'userType',
  'companyName',
  'employeeId',
  'usageLocation',
  'city',
  'country',
] as const;

export type UserField = (typeof USER_FIELDS)[number];

export type UserFields = {
  displayName: string;
  givenName: string | null;
  surname: string | null;
  mail: string | null;
  userPrincipalName: string;
  jobTitle: string | null;
  department: string | null;
  officeLocation: string | null;
  mobilePhone: string | null;
  businessPhone: string | null;
  preferredLanguage: string | null;
  accountEnabled: boolean;
  userType: 'Member' | 'Guest';
  companyName: string | null;
  employeeId: string | null;
  usageLocation: string | null;
  city: string | null;
  country: string | null;
};

/** Registered methods, and whether the tenant's policy lets the person use one of them. */
export type Mfa = { readonly methods: readonly string[]; readonly capable: boolean };

/** One object of one shape per person, so that a million fit in memory. Times in ms since 1970. */
export type User = UserFields & {
  readonly id: string;
  readonly createdAt: number;
  /** Place in the tenant's list; never reused, so paging is stable while people come and go. */
  slot: number;
  deletedAt: number | null;
  mfa: Mfa;
  /** What the MFA report still shows while it lags. */
  mfaBefore: Mfa;
  mfaChangedAt: number;
  /** Ids of the groups that hold the person directly. Replaced, never changed in place. */
  memberOf: readonly string[];
};

export const NO_MFA: Mfa = { methods: [], capable: false };

export const maskOf = (fields: readonly UserField[]): number =>
  fields.reduce((mask, field) => mask | (1 << USER_FIELDS.indexOf(field)), 0);

/** Of a person who was created or restored: everything changed. */
export const WHOLE = (1 << USER_FIELDS.length) - 1;
