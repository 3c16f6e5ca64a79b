import type { TenantAdmins } from '@muster/contracts';

export type PersonRole = 'operator' | 'tenant-admin' | 'member';
export type Person = { tenantId: string; userId: string; userPrincipalName: string | null };

/** Names are compared without case, as Entra does. */
export const isNamed = (people: readonly string[], { userId, userPrincipalName }: Omit<Person, 'tenantId'>): boolean =>
  people.some((name) => [userId, userPrincipalName?.toLowerCase()].includes(name.toLowerCase()));

const GROUP = 'group:';
export type Operators = { people: string[]; groupIds: string[] };

/** Whom OPERATORS names in one tenant: `{tenantId}/{object id or user principal name}`, `{tenantId}/group:{object id}`. */
export function toOperators(operators: readonly string[], tenantId: string): Operators {
  const names = operators.flatMap((operator) => {
    const [ofTenant, name] = operator.toLowerCase().split('/');
    return ofTenant === tenantId && name !== undefined ? [name] : [];
  });
  const isGroup = (name: string): boolean => name.startsWith(GROUP);
  return {
    people: names.filter((name) => !isGroup(name)),
    groupIds: names.filter(isGroup).map((name) => name.slice(GROUP.length)),
  };
}

export type RoleFacts = {
  person: Person;
  operators: readonly string[];
  inOperatorGroup: boolean;
  admins: TenantAdmins | undefined;
  inAdminGroup: boolean;
};

export function toRole({ person, operators, inOperatorGroup, admins, inAdminGroup }: RoleFacts): PersonRole {
  if (inOperatorGroup || isNamed(toOperators(operators, person.tenantId).people, person)) return 'operator';
  return inAdminGroup || (admins !== undefined && isNamed(admins.people, person)) ? 'tenant-admin' : 'member';
}
