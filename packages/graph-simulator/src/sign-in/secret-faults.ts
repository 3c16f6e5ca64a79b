import type { Faults } from '../faults.js';
import type { EntraFault } from './entra-fault.js';
import { FAULTS } from './entra-fault.js';

/** The credential fails because a rule says so: the secret is wrong, or has expired. Null: nothing strikes. */
export const takeSecretFault = (
  faults: Faults,
  { tenantId, clientId }: { readonly tenantId: string; readonly clientId: string },
): EntraFault | null => {
  const place = { tenantId, path: '/oauth2/v2.0/token' };
  if (faults.take('wrongSecret', place) !== null) return FAULTS.wrongSecret(clientId);
  return faults.take('expiredSecret', place) === null ? null : FAULTS.expiredSecret(clientId);
};
