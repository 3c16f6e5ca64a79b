import type { SnapshotKind } from '@muster/contracts';
import type { SimulatedTenant } from '../src/simulator-client.js';
import type { System } from '../src/system.js';
import { waitingIn } from '../src/waiting-in.js';

export type BenchTenant = { tenant: SimulatedTenant; integrationId: string };

/** Everyone of a simulated tenant is followed, no group; answers as soon as it is started, before anything is loaded. */
export async function startTenant(system: System, plan: Record<string, unknown>): Promise<BenchTenant> {
  const tenant = await system.simulator.createTenant({ groupMembers: 0, nestedGroups: 0, disabled: 0, ...plan });
  const { integrationId } = await system.admin.post('/integrations', {
    name: 'Bench',
    tenantId: tenant.tenantId,
    clientId: tenant.clientId,
    clientSecret: tenant.clientSecret,
    secretExpiresAt: tenant.secretExpiresAt,
    groupId: null,
    cloud: 'custom',
  });
  await system.admin.post(`/integrations/${integrationId}/start`);
  return { tenant, integrationId };
}

/** Of the first full read: null once all of it is projected; else how far it is. Throws when it failed. */
export async function lookAtRead(system: System, integrationId: string, kind: SnapshotKind): Promise<string | null> {
  const history = await system.store.snapshots.newest(integrationId, 10);
  const ofKind = history.filter((record) => record.kind === kind);
  if (ofKind.some(({ state }) => state === 'complete')) return null;
  const [record] = ofKind;
  if (!record) return 'not begun';
  if (record.state === 'failed') throw new Error(`the full read of ${kind} failed: ${JSON.stringify(record.failure)}`);
  return `${record.rows} of ${record.expectedRows ?? 'so many'} read, ${await waitingIn(system)} messages wait`;
}
