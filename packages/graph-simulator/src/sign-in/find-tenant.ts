import type { Tenant } from '../tenant/tenant.js';
import type { World } from '../world.js';
import { FAULTS } from './entra-fault.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DOMAIN = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

/** By id or domain name. `error` is what an unknown tenant is called, which differs between endpoints. */
export const findTenant = (
  { tenants }: Pick<World, 'tenants'>,
  name: string,
  error: 'invalid_request' | 'invalid_tenant' = 'invalid_request',
): Tenant => {
  const tenant =
    tenants.get(name.toLowerCase()) ?? [...tenants.values()].find(({ domain }) => domain === name.toLowerCase());
  if (tenant !== undefined) return tenant;
  throw GUID.test(name) || DOMAIN.test(name) ? FAULTS.unknownTenant(name, error) : FAULTS.malformedTenant(name);
};

/** Everybody's tenants, before one is known. Personal accounts (`consumers`) are not simulated. */
export const SHARED_TENANTS: readonly string[] = ['common', 'organizations'];

/** Null for `common` and `organizations`: the account decides. */
export const findTenantOrShared = (world: World, name: string): Tenant | null =>
  SHARED_TENANTS.includes(name.toLowerCase()) ? null : findTenant(world, name);
