import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { compareWithTruth } from './compare-with-truth.js';
import { connectTenant, type Connected } from './connect-tenant.js';
import type { System } from './system.js';
import { waitingIn } from './waiting-in.js';

export type Loss = { announced: number; lost: number; open: number; share: number; worstDelayMs: number };
export type MeasuredLoss = { loss: Loss; dropped: number; connected: Connected };

/** Sweeps and judgement within seconds; a notification that a busy machine delays by less than this is not lost. */
export const LOSS_ENV = { USERS_DELTA_EVERY: '5s', LOST_AFTER: '20s', SWEEP_MIN_INTERVAL: '2s' };

/** Changes at a time, as from a directory that many admins and a provisioning engine work on. */
const AT_ONCE = 16;

/** Everybody changes once while the simulator drops one notification in ten; answers when every change is judged. */
export async function measureLoss(system: System, people: number, within: number): Promise<MeasuredLoss> {
  const sizes = { people, groupMembers: people, nestedGroups: 0, guests: 0 };
  const connected = await connectTenant(system, sizes);
  const { tenant, integrationId } = connected;
  const everyone = (await system.simulator.truth(tenant.tenantId)).map(({ id }) => id);
  if (everyone.length !== people) throw new Error(`${everyone.length} people, not ${people}`);
  // What the first load itself tells of is no matter of notifications.
  await eventually(async () => (await system.store.cursors.get(integrationId, 'users'))?.baselineEndedAt ?? undefined, {
    within: 60_000,
    what: 'the first load is complete and changes are followed',
  });
  const since = new Date().toISOString();
  await system.simulator.call('PUT', '/faults', { seed: 20, dropNotifications: 0.1 });
  const changeOthers = async (): Promise<void> => {
    for (let id = everyone.pop(); id !== undefined; id = everyone.pop())
      await system.simulator.call('PATCH', `/tenants/${tenant.tenantId}/users/${id}`, { department: 'Changed once' });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, changeOthers));
  const loss = await eventually(
    async () => {
      const { loss: seen }: { loss: Loss } = await system.admin.get(
        `/integrations/${integrationId}/coverage?since=${since}`,
      );
      if (seen.open > 0 || seen.announced + seen.lost < people)
        throw new Error(JSON.stringify(await describeState(system, seen, integrationId)));
      return seen;
    },
    { within, every: 1_000, what: 'every change is judged' },
  );
  const { hits } = await system.simulator.call('GET', '/faults');
  return { loss, dropped: hits[0].hits, connected };
}

async function describeState(system: System, seen: Loss, integrationId: string): Promise<object> {
  const { links: _, ...cursor } = (await system.store.cursors.get(integrationId, 'users')) ?? { links: [] };
  return { seen, cursor, waiting: await waitingIn(system) };
}

/** What the meter judged may wait in the log behind others for some seconds more. */
export async function waitForTruth(system: System, tenant: Connected['tenant'], within: number): Promise<void> {
  const check = async (): Promise<boolean> => {
    assert.deepEqual(await compareWithTruth(system.store, system.simulator, tenant), []);
    return true;
  };
  await eventually(check, { within, every: 500, what: 'the documents equal the directory' });
}
