import assert from 'node:assert/strict';
import { DAY, HOUR, SECOND, createScene } from '../../test/scene.js';

const LATEST = '/users/delta?$deltatoken=latest';
type Member = { id: string; '@removed'?: { reason: string } };

describe('contract 5.3, removal', () => {
  it('5.3 soft-deleted is reason changed, gone for good is deleted, restored shows as new', async () => {
    const { walk, control, tenantId, truth } = await createScene();
    const [soft, hard, back] = truth().map(({ id }) => id);
    const first = await walk(LATEST);
    control.deleteUser(tenantId, soft!);
    control.deleteUser(tenantId, hard!, { permanent: true });
    control.deleteUser(tenantId, back!);
    control.restoreUser(tenantId, back!);
    const { rows } = await walk(first.done);
    assert.deepEqual(rows.slice(0, 2), [
      { id: soft, '@removed': { reason: 'changed' } },
      { id: hard, '@removed': { reason: 'deleted' } },
    ]);
    assert.ok(typeof rows[2]!['userPrincipalName'] === 'string');
  });

  it('5.3 a soft-deleted person is purged after 30 days, which delta tells as deleted', async () => {
    const scene = await createScene({ lifetimes: { deletedItems: 2 * DAY } });
    const { id } = scene.person();
    scene.control.deleteUser(scene.tenantId, id);
    const { done } = await scene.walk(LATEST);
    assert.equal((await scene.get(`/directory/deletedItems/microsoft.graph.user/${id}`)).status, 200);
    await scene.pass(2 * DAY + SECOND * 2, HOUR);
    assert.equal((await scene.get(`/directory/deletedItems/microsoft.graph.user/${id}`)).status, 404);
    assert.deepEqual((await scene.walk(done)).rows, [{ id, '@removed': { reason: 'deleted' } }]);
  });

  it('5.3 [?] @removed items are in the first full round when the switch is on', async () => {
    const { walk, control, tenantId, person } = await createScene();
    const { id } = person();
    control.deleteUser(tenantId, id);
    assert.equal((await walk('/users/delta')).rows.length, 29);
    control.setSettings({ switches: { removedInFirstRound: true } });
    const { rows } = await walk('/users/delta');
    assert.deepEqual(
      rows.find((row) => row.id === id),
      { id, '@removed': { reason: 'changed' } },
    );
  });

  it('5.3 security groups vanish at once, Microsoft 365 groups wait in deletedItems', async () => {
    const { walk, get, control, tenantId } = await createScene();
    const security = control.createGroup(tenantId);
    const unified = control.createGroup(tenantId, { unified: true });
    const { done } = await walk('/groups/delta?$deltatoken=latest');
    control.deleteGroup(tenantId, security.id);
    control.deleteGroup(tenantId, unified.id);
    assert.deepEqual((await walk(done)).rows, [
      { id: security.id, '@removed': { reason: 'deleted' } },
      { id: unified.id, '@removed': { reason: 'changed' } },
    ]);
    const bin = await get('/directory/deletedItems/microsoft.graph.group');
    assert.deepEqual(
      bin.body.value.map((row) => row.id),
      [unified.id],
    );
    assert.equal((await get(`/groups/${unified.id}`)).status, 404);
  });

  it('5.3 [?] security groups wait there too when the switch is on', async () => {
    const { get, control, tenantId } = await createScene({ switches: { groupsSoftDelete: true } });
    const { id } = control.createGroup(tenantId);
    control.deleteGroup(tenantId, id);
    assert.equal((await get('/directory/deletedItems/microsoft.graph.group')).body.value.length, 1);
    control.restoreGroup(tenantId, id);
    assert.equal((await get(`/groups/${id}`)).status, 200);
  });

  it('5.3 groups in the bin are listed by pages, read alone, and restored with the permission for groups only', async () => {
    const permissions = ['Group.ReadWrite.All'];
    const { walk, get, call, control, tenantId, tenant, signIn } = await createScene({ plan: { permissions } });
    const create = (displayName: string, index: number) => {
      const id = `${index}0000000-0000-4000-8000-000000000000`;
      return control.createGroup(tenantId, { id, displayName, unified: true }).id;
    };
    const ids = ['A', 'B', 'C'].map(create);
    for (const id of ids) control.deleteGroup(tenantId, id);
    const bin = '/directory/deletedItems/microsoft.graph.group';
    const { pages, rows } = await walk(`${bin}?$top=2&$select=displayName`);
    assert.deepEqual([pages.length, rows], [2, ['A', 'B', 'C'].map((displayName) => ({ displayName }))]);
    assert.equal((await get(`/directory/deletedItems/${ids[0]}`)).body['@odata.type'], '#microsoft.graph.group');
    assert.equal((await call('POST', `/directory/deletedItems/${ids[0]}/restore`)).status, 200);
    control.updateApp(tenantId, tenant.clientId, { granted: ['User.ReadWrite.All'] });
    await signIn();
    assert.equal((await call('POST', `/directory/deletedItems/${ids[1]}/restore`)).status, 403);
  });

  it('5.3 the type cast of deletedItems is compulsory', async () => {
    const { get } = await createScene();
    assert.equal((await get('/directory/deletedItems')).status, 400);
    assert.equal((await get('/directory/deletedItems/microsoft.graph.user')).status, 200);
  });

  it('5.3 a person is deleted, restored and purged through Graph, with the permission for it', async () => {
    const permissions = ['User.Read.All', 'User.ReadWrite.All'];
    const { call, get, person } = await createScene({ plan: { permissions } });
    const { id } = person();
    const item = `/directory/deletedItems/${id}`;
    assert.equal((await call('DELETE', `/users/${id}`)).status, 204);
    assert.equal((await get(`/users/${id}`)).status, 404);
    const restored = await call('POST', `${item}/restore`);
    assert.deepEqual([restored.status, restored.body['id']], [200, id]);
    assert.equal((await get(`/users/${id}`)).status, 200);
    await call('DELETE', `/users/${id}`);
    assert.equal((await call('DELETE', item)).status, 204);
    assert.equal((await call('POST', `${item}/restore`)).status, 404);
    const weak = await createScene();
    assert.equal((await weak.call('DELETE', `/users/${weak.person().id}`)).status, 403);
  });
});

describe('contract 5.4, membership and plain lists', () => {
  it('5.4 members come as members@delta with type and id; who left adds @removed with reason deleted', async () => {
    const { walk, control, tenantId, tenant, truth } = await createScene();
    const path = `/groups/delta?$filter=id eq '${tenant.groupId}'&$select=members`;
    const first = await walk(path);
    const members = first.rows.flatMap((row) => row['members@delta'] as Member[]);
    assert.deepEqual(Object.keys(members[0]!).sort(), ['@odata.type', 'id']);
    const { id } = truth().find(({ groupPath }) => groupPath.length === 1)!;
    control.dropMember(tenantId, tenant.groupId, id);
    const [row] = (await walk(first.done)).rows;
    assert.deepEqual(row!['members@delta'], [
      { '@odata.type': '#microsoft.graph.user', id, '@removed': { reason: 'deleted' } },
    ]);
  });

  it('5.4 groups without members lack the property', async () => {
    const { walk, control, tenantId } = await createScene();
    const { id } = control.createGroup(tenantId);
    const row = (await walk('/groups/delta')).rows.find((one) => one.id === id);
    assert.ok(row !== undefined && !('members@delta' in row));
  });

  it('5.4 a big group is spread over pages that repeat it with other slices', async () => {
    const { walk, tenant } = await createScene({ pageSizes: { delta: 5 } });
    const { pages, rows } = await walk(`/groups/delta?$filter=id eq '${tenant.groupId}'`);
    assert.ok(pages.length > 2 && rows.every(({ id }) => id === tenant.groupId));
    const ids = rows.flatMap((row) => (row['members@delta'] as Member[]).map(({ id }) => id));
    assert.equal(new Set(ids).size, ids.length);
  });

  it('5.4 soft-deleted people stay members until they are purged', async () => {
    const { walk, control, tenantId, tenant, truth, get } = await createScene();
    const { id } = truth().find(({ groupPath }) => groupPath.length === 1)!;
    const first = await walk(`/groups/delta?$filter=id eq '${tenant.groupId}'`);
    control.deleteUser(tenantId, id);
    const second = await walk(first.done);
    assert.deepEqual(second.rows, []);
    assert.ok(!(await get(`/groups/${tenant.groupId}/members`)).body.value.some((row) => row.id === id));
    control.deleteUser(tenantId, id, { permanent: true });
    const [row] = (await walk(second.done)).rows;
    assert.deepEqual(
      (row!['members@delta'] as Member[]).map((member) => member['@removed']),
      [{ reason: 'deleted' }],
    );
  });

  it('5.4 [?] the first round contains historic members as @removed when the switch is on', async () => {
    const { walk, control, tenantId, tenant, truth } = await createScene({ switches: { removedInFirstRound: true } });
    const { id } = truth().find(({ groupPath }) => groupPath.length === 1)!;
    control.dropMember(tenantId, tenant.groupId, id);
    const { rows } = await walk(`/groups/delta?$filter=id eq '${tenant.groupId}'`);
    const members = rows.flatMap((row) => row['members@delta'] as Member[]);
    assert.deepEqual(members.find((member) => member.id === id)?.['@removed'], { reason: 'deleted' });
  });

  it('5.4 delta shows direct members only; nested groups are ids of type group', async () => {
    const { walk, tenant } = await createScene();
    const { rows } = await walk(`/groups/delta?$filter=id eq '${tenant.groupId}'`);
    const members = rows.flatMap((row) => row['members@delta'] as Record<string, string>[]);
    const nested = members.find(({ id }) => id === tenant.nestedGroupIds[0]);
    assert.equal(nested?.['@odata.type'], '#microsoft.graph.group');
  });

  it('5.4 members page by 100, transitiveMembers hold the nested ones', async () => {
    const { get, walk, tenant, truth } = await createScene({ plan: { people: 300, groupMembers: 250 } });
    assert.equal((await get(`/groups/${tenant.groupId}/members`)).body.value.length, 100);
    const { rows } = await walk(`/groups/${tenant.groupId}/transitiveMembers`);
    const people = rows.filter((row) => row['@odata.type'] === '#microsoft.graph.user').map(({ id }) => id);
    const inside = truth().filter(({ inGroup }) => inGroup);
    assert.deepEqual(people.sort(), inside.map(({ id }) => id).sort());
  });

  it('5.4 a cycle and a diamond of groups end, and each member comes once', async () => {
    const nestedGroups = { count: 3, cycle: true, diamond: true };
    const { walk, control, tenant, tenantId } = await createScene({
      plan: { nestedGroups, people: 60, groupMembers: 50 },
    });
    const { rows } = await walk(`/groups/${tenant.groupId}/transitiveMembers`);
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
    const groups = control.listGroups(tenantId);
    assert.ok(
      groups.some(({ memberOf }) => memberOf.length >= 2),
      'a diamond',
    );
    const above = new Map(groups.map(({ id, memberOf }) => [id, memberOf]));
    const [first, second] = tenant.nestedGroupIds;
    assert.ok(above.get(first!)!.includes(second!) && above.get(second!)!.includes(first!), 'a cycle');
  });

  it('5.4 the user cast needs ConsistencyLevel: eventual and $count=true, on every page; the count is on the first', async () => {
    const { get, tenant } = await createScene({ plan: { people: 300, groupMembers: 250 } });
    const path = `/groups/${tenant.groupId}/members/microsoft.graph.user`;
    assert.equal((await get(path)).status, 400);
    const eventual = { consistencylevel: 'eventual' };
    const first = await get(`${path}?$count=true`, eventual);
    assert.equal(typeof first.body['@odata.count'], 'number');
    const next = String(first.body['@odata.nextLink']);
    assert.equal((await get(next)).status, 400);
    const second = await get(next, eventual);
    assert.deepEqual([second.status, '@odata.count' in second.body], [200, false]);
  });

  it('5.4 a membership read lags behind when a fault says so, then catches up', async () => {
    const { get, control, tenantId, tenant, pass } = await createScene();
    control.setFaults({ rules: [{ type: 'replicaLag', ms: 3_000, path: '/groups/*' }] });
    const holds = async (id: string) =>
      (await get(`/groups/${tenant.groupId}/members?$top=999`)).body.value.some((row) => row.id === id);
    const { id } = control.createUser(tenantId, { inGroup: true });
    assert.equal(await holds(id), false);
    await pass(3 * SECOND);
    assert.equal(await holds(id), true);
    control.dropMember(tenantId, tenant.groupId, id);
    assert.equal(await holds(id), true);
    await pass(3 * SECOND);
    assert.equal(await holds(id), false);
  });

  it('5.4 GET users has 11 default properties, others by $select', async () => {
    const { get } = await createScene();
    const names =
      'businessPhones displayName givenName id jobTitle mail mobilePhone officeLocation preferredLanguage surname userPrincipalName';
    assert.deepEqual(Object.keys((await get('/users')).body.value[0]!).sort(), names.split(' '));
    const [row] = (await get('/users?$select=accountEnabled,userType,deletedDateTime')).body.value;
    assert.deepEqual(Object.keys(row!).sort(), ['accountEnabled', 'deletedDateTime', 'userType']);
  });

  it('5.4 GET users pages by 100, up to 999, by 500 with signInActivity; $skip is refused', async () => {
    const { get } = await createScene({ plan: { people: 150 } });
    const sizes: [string, number][] = [
      ['', 100],
      ['?$top=120', 120],
    ];
    for (const [query, size] of sizes) assert.equal((await get(`/users${query}`)).body.value.length, size);
    const refused = ['$top=1000', '$top=0', '$skip=1', '$top=501&$select=signInActivity'];
    for (const query of refused) assert.equal((await get(`/users?${query}`)).status, 400, query);
    assert.equal((await get('/users?$top=500&$select=id,signInActivity')).status, 200);
  });

  it('5.4 a continuation page that fails is an error, never an empty group', async () => {
    const { get, control, tenant } = await createScene({ plan: { people: 300, groupMembers: 250 } });
    const { body } = await get(`/groups/${tenant.groupId}/members`);
    control.setFaults({ rules: [{ type: 'error', status: 503, path: '/groups/*', count: 1 }] });
    const answer = await get(String(body['@odata.nextLink']));
    assert.deepEqual([answer.status, answer.body.value], [503, undefined]);
  });
});
