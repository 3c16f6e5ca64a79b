import type { Tenant } from '../tenant/tenant.js';
import { livingUsers } from '../tenant/tenant.js';
import type { User } from '../tenant/user.js';
import type { World } from '../world.js';
import { adminsOf, personOf } from './directory-roles.js';

/** A person on the account page. */
export type Choice = {
  readonly tenant: Tenant;
  readonly user: User;
  readonly isAdmin: boolean;
  readonly isBlocked: boolean;
};

export type Choices = {
  readonly choices: readonly Choice[];
  /** Where the next page begins; null at the end. */
  readonly next: number | null;
  readonly people: number;
};

export const PAGE = 7;

const matches = (user: User, words: readonly string[]) => {
  const text = `${user.displayName} ${user.userPrincipalName} ${user.mail ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
};

function* walk(tenants: readonly Tenant[], state: World['signIn']): Generator<{ tenant: Tenant; user: User }> {
  for (const tenant of tenants) for (const user of adminsOf(state, tenant)) yield { tenant, user };
  for (const tenant of tenants)
    for (const user of tenant.users.slots)
      if (user?.deletedAt === null && !personOf(state, tenant.id, user.id).roles.length) yield { tenant, user };
}

/** Administrators first, then everybody in the order of the directory, or who matches every word. */
export const listChoices = (
  { tenants, signIn }: Pick<World, 'tenants' | 'signIn'>,
  { tenant, search, from }: { tenant: Tenant | null; search: string; from: number },
): Choices => {
  const among = tenant === null ? [...tenants.values()] : [tenant];
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const choices: Choice[] = [];
  let position = 0;
  let next: number | null = null;
  for (const found of walk(among, signIn)) {
    if (words.length > 0 && !matches(found.user, words)) continue;
    position += 1;
    if (position <= from) continue;
    if (choices.length === PAGE) {
      next = from + PAGE;
      break;
    }
    const { roles, blocked } = personOf(signIn, found.tenant.id, found.user.id);
    choices.push({ ...found, isAdmin: roles.some((role) => role.endsWith('Administrator')), isBlocked: blocked });
  }
  return { choices, next, people: among.reduce((sum, one) => sum + livingUsers(one), 0) };
};
