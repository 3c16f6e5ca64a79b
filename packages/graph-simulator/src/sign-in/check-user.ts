import type { Tenant } from '../tenant/tenant.js';
import { findUser } from '../tenant/tenant.js';
import type { User } from '../tenant/user.js';
import { personOf } from './directory-roles.js';
import { FAULTS } from './entra-fault.js';
import type { SignInState } from './state.js';

/** The living, enabled person whom no policy keeps out. */
export const requireUser = (state: SignInState, tenant: Tenant, userId: string): User => {
  const user = findUser(tenant, userId);
  if (user === undefined) throw FAULTS.unknownUser(userId, tenant.name);
  if (!user.accountEnabled) throw FAULTS.disabledUser();
  if (personOf(state, tenant.id, user.id).blocked) throw FAULTS.blocked();
  return user;
};
