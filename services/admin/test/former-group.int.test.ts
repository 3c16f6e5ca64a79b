import assert from 'node:assert/strict';
import { toPersonKey } from '@muster/contracts';
import { createResources, testServers } from '@muster/test-support';
import { makeFresh, person, toChange } from './people-fixtures.js';
import { connect, operator, startWorld, type Connected, type World } from './simulated-tenant.js';

const FORMER = 'dddddddd-dddd-4ddd-8ddd-dddddddddddd';

describe('the gate after another group was chosen', () => {
  let world: World;
  let connected: Connected;
  before(async () => {
    world = await startWorld(createResources('former group', testServers().mongodbUri), testServers());
    connected = await connect(world, { plan: { people: 6, groupMembers: 3, disabled: 0, guests: 0 } });
    await world.admin.agent.post(`${connected.url}/start`).set(operator).expect(200);
    const { tenantId, groupId } = connected.tenant;
    await makeFresh(world.admin.store, { integrationId: connected.integrationId, tenantId, groupId });
  });
  after(() => world.admin.stop());

  /** A document that says active, by way of that group. */
  async function know(userId: string, groupId: string): Promise<void> {
    const { tenantId } = connected.tenant;
    const id = toPersonKey(tenantId, userId);
    const document = person(tenantId, userId, { groupPath: [groupId] });
    const { observedAt, groupPath } = document;
    const membership = { groupId, observedAt, inGroup: true, path: { observedAt, groupPath } };
    const facts = { userObservedAt: observedAt, membership };
    await world.admin.store.users.write([{ kind: 'insert', id, document, pending: toChange(document), facts }]);
  }
  async function ask(userId: string): Promise<unknown[]> {
    const { body } = await world.admin.agent.get(`/api/v1/gate/${userId}`).set(operator).expect(200);
    return [body.allowed, body.why, body.by];
  }

  it('believes no document that says in by the former: Graph is asked, until the read told of this one', async () => {
    const { users } = world.simulator.control.truth(connected.tenant.tenantId);
    const members = users.filter((user) => user.inGroup);
    const [outsider, member, told] = [users.find((user) => !user.inGroup)!, members[0]!, members[1]!];
    await know(outsider.id, FORMER);
    await know(member.id, FORMER);
    await know(told.id, connected.tenant.groupId);
    assert.deepEqual(await ask(told.id), [true, 'in-group', 'projection']);
    assert.deepEqual(await ask(member.id), [true, 'in-group', 'graph']);
    assert.deepEqual(await ask(outsider.id), [false, 'out-of-scope', 'graph']);
  });
});
