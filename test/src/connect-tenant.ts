import { eventually } from '@muster/test-support';
import type { SimulatedTenant } from './simulator-client.js';
import type { System } from './system.js';

export type Connected = { tenant: SimulatedTenant; integrationId: string; inScope: number };

/** A simulated tenant, connected through the API as an admin would, and waited for until its first load is whole. */
export async function connectTenant(system: System, settings: Record<string, unknown> = {}): Promise<Connected> {
  const tenant = await system.simulator.createTenant(settings);
  const { integrationId } = await system.admin.post('/integrations', {
    name: 'Contoso',
    tenantId: tenant.tenantId,
    clientId: tenant.clientId,
    clientSecret: tenant.clientSecret,
    secretExpiresAt: tenant.secretExpiresAt,
    groupId: tenant.groupId,
    cloud: 'custom',
  });
  await system.admin.post(`/integrations/${integrationId}/start`);
  const truth = await system.simulator.truth(tenant.tenantId);
  const inScope = truth.filter((user) => user.inGroup && user.deletedDateTime === null).length;
  await eventually(
    async () => {
      const seen = await system.store.users.count({ tenantId: tenant.tenantId, inGroup: true });
      if (seen === inScope) return true;
      // Said when time is up: without it, a first load that failed looks like one that hangs.
      throw new Error(`${seen} documents; ${JSON.stringify(await system.store.snapshots.newest(integrationId, 3))}`);
    },
    { within: 60_000 + 40 * inScope, what: `all ${inScope} people of the group have a document` },
  );
  // Of a group that Muster may only read by its members there is no notification: it is followed by delta.
  const { permissions } = settings;
  const isGroupTold = !Array.isArray(permissions) || permissions.includes('Group.Read.All');
  const expected = 1 + (isGroupTold ? 1 + tenant.nestedGroupIds.length : 0);
  await eventually(
    async () => {
      const live = (await system.store.subscriptions.ofIntegration(integrationId)).filter(
        ({ status }) => status === 'live',
      );
      return live.length === expected;
    },
    { within: 30_000, what: 'the subscriptions on users and, where it is told of, group and nested groups are live' },
  );
  return { tenant, integrationId, inScope };
}
