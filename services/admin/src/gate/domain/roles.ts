import type { TenantAdmins } from '@muster/contracts';

export type PersonRole = 'operator' | 'tenant-admin' | 'member';
export type Person = { tenantId: string; userId: string; userPrincipalName: string | null };

/** Names are compared without case, as Entra does. */
export const isNamed = (people: readonly string[], { userId, userPrincipalName }: Omit<Person, 'tenantId'>): boolean =>
  people.some((name) => [userId, userPrincipalName?.toLowerCase()].includes(name.toLowerCase()));

export type RoleFacts = {
  person: Person;
  /** Named as `{tenantId}/{object id or user principal name}`. */
  operators: readonly string[];
  admins: TenantAdmins | undefined;
  inAdminGroup: boolean;
};

export function toRole({ person, operators, admins, inAdminGroup }: RoleFacts): PersonRole {
  const ofTenant = operators.flatMap((operator) => {
    const [tenantId, name] = operator.split('/');
    return tenantId?.toLowerCase() === person.tenantId && name !== undefined ? [name] : [];
  });
  if (isNamed(ofTenant, person)) return 'operator';
  return inAdminGroup || (admins !== undefined && isNamed(admins.people, person)) ? 'tenant-admin' : 'member';
}
