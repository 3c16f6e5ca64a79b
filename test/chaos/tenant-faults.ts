import assert from 'node:assert/strict';
import { toPersonKey } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import type { Connected } from '../src/connect-tenant.js';
import { last, untilProjected, withRules, type Fault, type Scene } from './fault.js';

const STORM_PER_SECOND = 60;
const PATIENCE = { within: 60_000, every: 250 };

/** Changes somebody of the group; answers who, and the revision of the document ahead of that. */
async function changeSomebody(
  { system, random }: Scene,
  { tenant: { tenantId } }: Connected,
): Promise<{ key: string; revision: number }> {
  const people = await system.simulator.truth(tenantId);
  const { id } = random.pick(people.filter(({ inGroup, deletedDateTime }) => inGroup && deletedDateTime === null));
  const key = toPersonKey(tenantId, id);
  const { revision } = (await system.store.users.load([key])).get(key)?.document ?? { revision: 0 };
  const department = `Department ${random.between(1, 1_000_000)}`;
  await system.simulator.call('PATCH', `/tenants/${tenantId}/users/${id}`, { department });
  return { key, revision };
}

const quarantinesOf = async (
  { system }: Scene,
  { integrationId }: Connected,
): Promise<{ service: string; failure: { code: string } }[]> =>
  (await system.admin.get('/status')).integrations.find((one: any) => one.integrationId === integrationId).quarantined;

/** A change that is left to a sweep has no way while deltas are refused: another one is made then. */
const TRIES = 2;

/**
 * In the tenant where nothing else happens, beside two that are busy: a change of this moment is in the document, by its
 * notification, for Graph refuses the deltas of that tenant.
 */
async function staysFresh(scene: Scene): Promise<void> {
  const { store } = scene.system;
  for (let tries = 1; ; tries += 1) {
    const { key, revision } = await changeSomebody(scene, scene.beside.calm);
    const isNewer = async (): Promise<boolean> => {
      const found = (await store.users.load([key])).get(key);
      return found !== undefined && found.document.revision > revision;
    };
    try {
      await eventually(isNewer, { ...PATIENCE, what: 'a change beside the storm is in its document' });
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}

async function whileOneStorms(scene: Scene, during: () => Promise<void>): Promise<void> {
  const path = `/tenants/${scene.beside.storming.tenant.tenantId}/activity`;
  const setStorm = (perSecond: number): Promise<unknown> =>
    scene.system.simulator.call('POST', path, { perSecond, seed: scene.random.between(1, 1_000_000) });
  await setStorm(STORM_PER_SECOND);
  await during().finally(() => setStorm(0));
}

async function stormBesideRefused(scene: Scene): Promise<void> {
  const { refused } = scene.beside;
  // Else what an earlier fault has held up would stand before the change that has to be fresh.
  await untilProjected(scene, { still: 300_000, what: 'what an earlier fault held up is projected' });
  const { tenantId } = refused.tenant;
  const { tenantId: calmId } = scene.beside.calm.tenant;
  const rules = [
    ...['/users/delta*', '/groups/delta*'].map((path) => ({ type: 'error', status: 503, path, tenantId: calmId })),
    { type: 'expiredSecret', tenantId },
    { type: 'error', status: 401, code: 'InvalidAuthenticationToken', tenantId },
  ];
  await withRules(scene, rules, () =>
    whileOneStorms(scene, async () => {
      const calm = last(scene.random.between(5_000, 10_000));
      await changeSomebody(scene, refused);
      await eventually(
        async () => (await quarantinesOf(scene, refused)).some(({ failure }) => failure.code === 'token.refused'),
        { ...PATIENCE, what: 'the refused secret is told' },
      );
      await staysFresh(scene);
      for (const other of [scene.connected, scene.beside.calm]) {
        const told = await quarantinesOf(scene, other);
        // Deltas that are refused keep the calm one's reconciler out, and nobody else.
        const unfit = told.filter(({ service }) => other !== scene.beside.calm || service !== 'reconciler');
        assert.deepEqual(unfit, [], 'nobody else is in quarantine');
      }
      await calm;
    }),
  );
  await eventually(async () => (await quarantinesOf(scene, refused)).length === 0, {
    within: 120_000,
    every: 500,
    what: 'the refused one is well again, by itself',
  });
}

export const TENANT_FAULTS: readonly Fault[] = [
  { row: 'tenants: a storm in one, the secret of another refused', strike: stormBesideRefused },
];
