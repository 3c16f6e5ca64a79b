import { eventually } from '@muster/test-support';
import type { Connected } from '../src/connect-tenant.js';
import { tenantsOf, type ChaosSystem } from './chaos-system.js';

/** Of each tenant: fewer than would be left to a sweep. */
const EACH = 12;
/** Nobody else changes then: a lag of seconds, but where the machine stands still. */
const WITHIN_MS = 60_000;
/** Nobody reads people but by id, so that nothing but a notification tells of a change. */
const RULES = ['/users/delta*', '/groups/delta*', '*sers'].map((path) => ({ type: 'error', status: 503, path }));

async function probeTenant({ system: { simulator, store } }: ChaosSystem, { tenant }: Connected): Promise<string[]> {
  const { tenantId } = tenant;
  const truth = await simulator.truth(tenantId);
  const chosen = truth.filter(({ deletedDateTime, inGroup }) => deletedDateTime === null && inGroup).slice(0, EACH);
  if (chosen.length === 0) return [`nobody is in the group of ${tenantId}`];
  /** Of these ids, of whom the new name did not come. */
  const rename = async (ids: readonly string[], displayName: string): Promise<string[]> => {
    for (const id of ids) await simulator.call('PATCH', `/tenants/${tenantId}/users/${id}`, { displayName });
    const findUnheard = async (): Promise<string[]> => {
      const known = await store.users.load(ids.map((id) => `${tenantId}/${id}`));
      return ids.filter((id) => known.get(`${tenantId}/${id}`)?.document.displayName !== displayName);
    };
    const isHeard = async (): Promise<boolean> => (await findUnheard()).length === 0;
    await eventually(isHeard, { within: WITHIN_MS, every: 250 }).catch(() => undefined);
    return findUnheard();
  };
  const all = chosen.map(({ id }) => id);
  const missed = await rename(all, 'Heard of');
  // A tenant that is slow for a moment is left to a sweep, which has no way here: those are told of once more.
  const unheard = missed.length === 0 ? [] : await rename(missed, 'Heard of again');
  return unheard.map((id) => `no notification brought either change of ${tenantId}/${id} within ${WITHIN_MS} ms`);
}

/**
 * Deltas and full reads mend what notifications miss, so a picture that is true in the end says nothing of these. Once all
 * is true: changes in every tenant while Graph refuses the other ways. Answers whose did not come, in words.
 */
export async function probeNotified(chaos: ChaosSystem): Promise<string[]> {
  const { simulator } = chaos.system;
  await simulator.call('PUT', '/faults', { seed: 1, rules: RULES });
  try {
    const found = await Promise.all(Object.values(tenantsOf(chaos)).map((one) => probeTenant(chaos, one)));
    return found.flat();
  } finally {
    await simulator.call('DELETE', '/faults');
  }
}
