import assert from 'node:assert/strict';
import { createScene, SECOND } from '../../test/scene.js';

describe('random life in a tenant', () => {
  const idsOf = (people: readonly { id: string }[]): string[] => people.map(({ id }) => id);

  it('goes on when it is started again, and makes nobody twice', async () => {
    const { simulator, pass, tenant } = await createScene({ plan: { people: 20, groupMembers: 10 } });
    const { control } = simulator;
    for (let round = 0; round < 3; round += 1) {
      control.setActivity(tenant.tenantId, { perSecond: 50, seed: 1 });
      await pass(5 * SECOND, 50);
    }
    control.setActivity(tenant.tenantId, { perSecond: 0, seed: 1 });
    const { users, total } = control.truth(tenant.tenantId);
    assert.ok(total > 30, `people joined: ${total}`);
    assert.equal(new Set(idsOf(users)).size, users.length);
  });

  it('makes as many changes as its rate says: an act that changes nothing is replaced by another', async () => {
    const { simulator, pass, tenant } = await createScene({ plan: { people: 20, groupMembers: 20 } });
    simulator.control.setActivity(tenant.tenantId, { perSecond: 50, seed: 1 });
    await pass(10 * SECOND, 50);
    assert.equal(simulator.control.getActivity(tenant.tenantId).changes, 500);
  });

  it('is the same from the same seed', async () => {
    const live = async (): Promise<string[]> => {
      const { simulator, pass, tenant } = await createScene({ plan: { people: 20, groupMembers: 10, seed: 7 } });
      simulator.control.setActivity(tenant.tenantId, { perSecond: 50, seed: 3 });
      await pass(5 * SECOND, 50);
      return idsOf(simulator.control.truth(tenant.tenantId).users);
    };
    assert.deepEqual(await live(), await live());
  });
});
