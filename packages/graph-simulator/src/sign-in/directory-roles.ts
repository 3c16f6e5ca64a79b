import type { Tenant } from '../tenant/tenant.js';
import type { User } from '../tenant/user.js';
import type { Person, SignInState, TenantPolicy } from './state.js';
import { NEW_POLICY } from './state.js';

/** Directory roles by the template id that the `wids` claim carries. */
export const ROLE_IDS = {
  'Global Administrator': '62e90394-69f5-4237-9190-012177145e10',
  'Privileged Role Administrator': 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  'Global Reader': 'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
  'Reports Reader': '4a5d8f65-41da-4de4-8968-e035b65339cf',
  'Security Reader': '5d6b6bb7-de71-4623-b4af-96380a352509',
  'Security Administrator': '194ae4cb-b126-40b2-bd5b-6091b380977d',
} as const;
export type DirectoryRole = keyof typeof ROLE_IDS;
export const DIRECTORY_ROLES = Object.keys(ROLE_IDS) as DirectoryRole[];
/** In `wids` of everybody who is no guest. */
const MEMBER_ID = 'b79fbf4d-3ef9-4689-8143-76b194e85509';

const ADMINS = 3;

const keyOf = (tenantId: string, userId: string) => `${tenantId}/${userId}`;
const nobody = (): Person => ({ roles: [], revokedAt: null, publicRevokedAt: null, blocked: false });

export const personOf = ({ people }: SignInState, tenantId: string, userId: string): Readonly<Person> =>
  people.get(keyOf(tenantId, userId)) ?? nobody();

export const editPerson = (
  { people }: SignInState,
  { tenantId, userId, change }: { tenantId: string; userId: string; change: Partial<Person> },
): void => {
  const key = keyOf(tenantId, userId);
  people.set(key, { ...(people.get(key) ?? nobody()), ...change });
};

export const policyOf = ({ tenants }: SignInState, tenantId: string): TenantPolicy =>
  tenants.get(tenantId) ?? NEW_POLICY;

/** The first few people of a tenant rule it, unless somebody was appointed before. */
export const appointAdmins = (state: SignInState, tenant: Tenant): void => {
  if (state.tenants.has(tenant.id)) return;
  state.tenants.set(tenant.id, NEW_POLICY);
  const fit = (user: User | undefined): user is User =>
    user?.deletedAt === null && user.accountEnabled && user.userType === 'Member';
  let left = ADMINS;
  for (const user of tenant.users.slots) {
    if (left === 0) return;
    if (!fit(user)) continue;
    editPerson(state, { tenantId: tenant.id, userId: user.id, change: { roles: ['Global Administrator'] } });
    left -= 1;
  }
};

export const rolesOf = (state: SignInState, tenantId: string, userId: string): readonly DirectoryRole[] =>
  personOf(state, tenantId, userId).roles;

/** Also what the MFA report shows as `isAdmin`. */
export const isAdmin = (state: SignInState, tenantId: string, userId: string): boolean =>
  rolesOf(state, tenantId, userId).some((role) => role.endsWith('Administrator'));

export const mayGrantForAll = (state: SignInState, tenantId: string, userId: string): boolean => {
  const roles = rolesOf(state, tenantId, userId);
  return roles.includes('Global Administrator') || roles.includes('Privileged Role Administrator');
};

export const widsOf = (roles: readonly DirectoryRole[], user: User): string[] => [
  ...roles.map((role) => ROLE_IDS[role]),
  ...(user.userType === 'Guest' ? [] : [MEMBER_ID]),
];

/** Living administrators of a tenant, in the order of appointment. */
export const adminsOf = (state: SignInState, tenant: Tenant): User[] => {
  const admins: User[] = [];
  for (const [key, { roles }] of state.people) {
    const [tenantId, userId = ''] = key.split('/');
    const user = tenantId === tenant.id && roles.length > 0 ? tenant.users.byId.get(userId) : undefined;
    if (user?.deletedAt === null && isAdmin(state, tenant.id, user.id)) admins.push(user);
  }
  return admins;
};
