import { createAdminApi } from './admin-api.js';
import { createSimulatorControl } from './simulator-control.js';
import type { SeededTenant } from './simulator-control.js';
import { originOf } from './stack/services.js';
import type { SystemOptions } from './stack/services.js';

const CHANGES_PER_SECOND = 3;

const controlOf = ({ ports, tls }: SystemOptions) => createSimulatorControl(originOf(ports, 'simulator'), tls.caFile);

export const seedTenant = (options: SystemOptions): Promise<SeededTenant> => controlOf(options).seedTenant();

/** Does by the API what a tenant admin does by hand. */
export async function connectDemoTenant(options: SystemOptions, tenant: SeededTenant): Promise<void> {
  const { name, tenantId, clientId, clientSecret, secretExpiresAt, groupId } = tenant;
  const admin = createAdminApi({ adminUrl: originOf(options.ports, 'admin'), key: options.keys.MUSTER_BOOTSTRAP_KEY });
  await admin.connect({ name, tenantId, clientId, clientSecret, secretExpiresAt, groupId });
}

export const startActivity = (options: SystemOptions): Promise<void> =>
  controlOf(options).startActivity(CHANGES_PER_SECOND);
