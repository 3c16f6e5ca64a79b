import assert from 'node:assert/strict';
import { codeOf, createScene } from '../../test/scene.js';

const owned = async () => {
  const scene = await createScene();
  const { id } = scene.person();
  const path = `/groups/${scene.tenant.groupId}/owners`;
  const own = () => scene.control.addOwner(scene.tenantId, scene.tenant.groupId, id);
  const disown = () => scene.control.dropOwner(scene.tenantId, scene.tenant.groupId, id);
  const ids = async () => (await scene.get(path)).body.value.map((row) => row.id);
  return { ...scene, id, path, own, disown, ids };
};

describe('contract 1.2, owners', () => {
  it('1.2 owners of a group are listed as people, with the permission for groups', async () => {
    const { own, get, path, id, person, control, tenantId, tenant, signIn } = await owned();
    assert.deepEqual((await get(path)).body.value, []);
    own();
    const { displayName } = person();
    const [row, ...rest] = (await get(path)).body.value;
    assert.deepEqual(
      [row!.id, row!['@odata.type'], row!['displayName'], rest.length],
      [id, '#microsoft.graph.user', displayName, 0],
    );
    control.updateApp(tenantId, tenant.clientId, { granted: ['User.Read.All'] });
    await signIn();
    assert.equal(codeOf(await get(path)), 'Authorization_RequestDenied');
  });

  it('1.2 ownership is given and taken by control; whoever is deleted is not listed, whoever is gone owns nothing', async () => {
    const { own, disown, ids, id, control, tenantId, tenant } = await owned();
    own();
    disown();
    assert.deepEqual(await ids(), []);
    own();
    control.deleteUser(tenantId, id);
    assert.deepEqual(await ids(), []);
    assert.deepEqual(control.groupTruth(tenantId, tenant.groupId).owners, [id]);
    control.deleteUser(tenantId, id, { permanent: true });
    assert.deepEqual(control.groupTruth(tenantId, tenant.groupId).owners, []);
    assert.throws(() => control.addOwner(tenantId, tenant.groupId, tenant.groupId), /only a person can own a group/);
  });

  it('1.2 a subscription on owners of a group tells of nothing else, one on groups tells of owners too', async () => {
    const { own, subscribe, control, tenantId, tenant, pass, items, truth } = await owned();
    await subscribe({ resource: `groups/${tenant.groupId}/owners`, clientState: 'owners' });
    await subscribe({ resource: 'groups', clientState: 'groups' });
    const told = async () => {
      const before = items().length;
      await pass(100);
      return items()
        .slice(before)
        .map((item) => [item['clientState'], item['changeType'], item['resource']]);
    };
    control.updateGroup(tenantId, tenant.groupId, { displayName: 'Renamed' });
    control.addMember(tenantId, tenant.groupId, truth().find(({ inGroup }) => !inGroup)!.id);
    assert.ok((await told()).every(([subscription]) => subscription === 'groups'));
    own();
    const resource = `Groups/${tenant.groupId}`;
    assert.deepEqual((await told()).sort(), [
      ['groups', 'updated', resource],
      ['owners', 'updated', resource],
    ]);
    own();
    assert.deepEqual(await told(), [], 'naming the same owner again is no change');
  });

  it('1.2 personal accounts do not exist: nobody signs in to consumers', async () => {
    const { askToken, tenant } = await createScene();
    const { status } = await askToken({ ...tenant, tenantId: 'consumers' });
    assert.equal(status, 400);
  });
});
