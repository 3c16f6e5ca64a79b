import { eventually } from '@muster/test-support';
import type { Connected } from '../src/connect-tenant.js';
import { tenantsOf, type ChaosSystem } from './chaos-system.js';

/** Of each tenant: fewer than would be left to a sweep. */
const EACH = 12;
/** Nobody else changes then: a lag of seconds. */
const WITHIN_MS = 20_000;
/** Nobody reads people but by id, so that nothing but a notification tells of a change. */
const RULES = ['/users/delta*', '/groups/delta*', '*sers'].map((path) => ({ type: 'error', status: 503, path }));

async function probeTenant({ system: { simulator, store } }: ChaosSystem, { tenant }: Connected): Promise<string[]> {
  const { tenantId } = tenant;
  const truth = await simulator.truth(tenantId);
  const chosen = truth.filter(({ deletedDateTime, inGroup }) => deletedDateTime === null && inGroup).slice(0, EACH);
  if (chosen.length === 0) return [`nobody is in the group of ${tenantId}`];
  const toName = (index: number): string => `Heard of ${index}`;
  for (const [index, { id }] of chosen.entries())
    await simulator.call('PATCH', `/tenants/${tenantId}/users/${id}`, { displayName: toName(index) });
  const findUnheard = async (): Promise<string[]> => {
    const documents = await store.users.load(chosen.map(({ id }) => `${tenantId}/${id}`));
    return chosen.flatMap(({ id }, index) =>
      documents.get(`${tenantId}/${id}`)?.document.displayName === toName(index) ? [] : [`${tenantId}/${id}`],
    );
  };
  const isHeard = async (): Promise<boolean> => (await findUnheard()).length === 0;
  await eventually(isHeard, { within: WITHIN_MS, every: 250 }).catch(() => undefined);
  return (await findUnheard()).map((key) => `no notification brought the change of ${key} within ${WITHIN_MS} ms`);
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
