import assert from 'node:assert/strict';
import { DAY, HOUR, SECOND, codeOf, createScene, messageOf } from '../../test/scene.js';

const LATEST = '/users/delta?$deltatoken=latest';
type Member = { id: string; '@removed'?: { reason: string } };

describe('contract 5.1, delta protocol', () => {
  it('5.1 nextLinks lead to one deltaLink, a page has exactly one of the two', async () => {
    const { walk } = await createScene({ pageSizes: { delta: 7 } });
    const { pages, rows } = await walk('/users/delta');
    assert.equal(new Set(rows.map(({ id }) => id)).size, 30);
    for (const { body } of pages) assert.ok('@odata.nextLink' in body !== '@odata.deltaLink' in body);
    assert.match(String(pages[0]!.body['@odata.nextLink']), /\$skiptoken=/);
    assert.match(String(pages.at(-1)!.body['@odata.deltaLink']), /\$deltatoken=/);
  });

  it('5.1 a page may be empty and still have a nextLink', async () => {
    const { walk, control } = await createScene({ pageSizes: { delta: 7 } });
    control.setFaults({ rules: [{ type: 'emptyPage' }] });
    const { pages, rows } = await walk('/users/delta');
    assert.ok(pages.some(({ body }) => body.value.length === 0 && '@odata.nextLink' in body));
    assert.equal(rows.length, 30);
  });

  it('5.1 the options are in the links, and $select beside $skiptoken is refused', async () => {
    const { get, walk } = await createScene({ pageSizes: { delta: 7 } });
    const { pages } = await walk('/users/delta?$select=displayName');
    assert.ok(
      pages.every(({ body }) =>
        body.value.every((row) => Object.keys(row).every((name) => ['id', 'displayName'].includes(name))),
      ),
    );
    assert.equal((await get(`${String(pages[0]!.body['@odata.nextLink'])}&$select=mail`)).status, 400);
  });

  it('5.1 $select limits what is tracked, and id always comes', async () => {
    const { walk, control, tenantId, person, rename } = await createScene();
    const { done } = await walk('/users/delta?$select=jobTitle&$deltatoken=latest');
    rename();
    const quiet = await walk(done);
    assert.deepEqual(quiet.rows, []);
    control.updateUser(tenantId, person().id, { jobTitle: 'Pilot' });
    assert.deepEqual((await walk(quiet.done)).rows, [{ id: person().id, jobTitle: 'Pilot' }]);
  });

  it('5.1 $filter takes up to 50 ids and nothing else', async () => {
    const { get, walk, truth } = await createScene({ plan: { people: 60 } });
    const filter = (count: number) =>
      `/users/delta?$filter=${truth()
        .slice(0, count)
        .map(({ id }) => `id eq '${id}'`)
        .join(' or ')}`;
    assert.equal((await walk(filter(50))).rows.length, 50);
    assert.equal((await get(filter(51))).status, 400);
    assert.equal((await get("/users/delta?$filter=displayName eq 'x'")).status, 400);
  });

  it('5.1 $deltatoken=latest gives the deltaLink at once, without data', async () => {
    const { walk } = await createScene();
    const { pages, rows, done } = await walk(LATEST);
    assert.deepEqual([pages.length, rows.length, done === ''], [1, 0, false]);
  });

  for (const option of ['$expand=manager', '$top=5', '$orderby=displayName'])
    it(`5.1 ${option.split('=')[0]!} is not allowed`, async () => {
      const { get } = await createScene();
      assert.equal((await get(`/users/delta?${option}`)).status, 400);
    });

  it('5.1 Prefer: return=minimal shows changed properties only', async () => {
    const { get, walk, rename } = await createScene();
    const { done } = await walk(LATEST);
    const { id } = rename(undefined, 'Minimal');
    const { body } = await get(done, { prefer: 'return=minimal' });
    assert.deepEqual(body.value, [{ id, displayName: 'Minimal' }]);
    assert.ok(Object.keys((await get(done)).body.value[0]!).length > 2);
  });

  it('5.1 never-set properties are left out, cleared ones are null', async () => {
    const { walk, control, tenantId } = await createScene();
    const { id } = control.createUser(tenantId, { jobTitle: 'Pilot', mobilePhone: null });
    const { done } = await walk(LATEST);
    control.updateUser(tenantId, id, { jobTitle: null });
    const [row] = (await walk(done)).rows;
    assert.deepEqual([row!['jobTitle'], 'mobilePhone' in row!], [null, false]);
  });

  it('5.1 the same object may come several times', async () => {
    const { walk, control } = await createScene({ pageSizes: { delta: 7 } });
    control.setFaults({ rules: [{ type: 'rowDoubled', count: 1 }] });
    const { rows } = await walk('/users/delta');
    assert.deepEqual([rows.length, new Set(rows.map(({ id }) => id)).size], [31, 30]);
  });

  it('5.1 old changes are replayed when a fault says so', async () => {
    const { walk, control, rename } = await createScene();
    const { id } = rename();
    const { done } = await walk(LATEST);
    control.setFaults({ rules: [{ type: 'deltaReplay', changes: 1 }] });
    assert.deepEqual(
      (await walk(done)).rows.map((row) => row.id),
      [id],
    );
  });

  it('5.1 replication delay: a call right after the change misses it, the link in hand finds it later', async () => {
    const { walk, get, control, rename, person, pass } = await createScene();
    control.setFaults({ rules: [{ type: 'replicaLag', ms: 5_000 }] });
    const { id } = person();
    const { done } = await walk(LATEST);
    rename(id, 'New name');
    const missed = await walk(done);
    assert.deepEqual(missed.rows, []);
    assert.notEqual((await get(`/users/${id}`)).body['displayName'], 'New name');
    await pass(5 * SECOND);
    assert.deepEqual(
      (await walk(missed.done)).rows.map((row) => row['displayName']),
      ['New name'],
    );
    assert.equal((await get(`/users/${id}`)).body['displayName'], 'New name');
  });

  it('5.1 MFA registration is not tracked', async () => {
    const { walk, control, tenantId, person } = await createScene();
    const { done } = await walk(LATEST);
    control.setMfa(tenantId, person().id, { methods: ['fido2'] });
    assert.deepEqual((await walk(done)).rows, []);
  });

  it('5.1 a token lives 7 days, not longer', async () => {
    const scene = await createScene();
    const { done } = await scene.walk(LATEST);
    await scene.pass(7 * DAY - HOUR, HOUR);
    assert.equal((await scene.get(done)).status, 200);
    await scene.pass(2 * HOUR, HOUR);
    assert.equal((await scene.get(done)).status, 400);
  });
});

describe('contract 5.2, expired or reset tokens', () => {
  const forms = [
    ['gone', 410, 'resyncRequired'],
    ['resync', 400, 'syncStateNotFound'],
    ['resyncRequired', 400, 'resyncRequired'],
    ['unsupported', 400, 'Request_UnsupportedQuery'],
  ] as const;
  for (const [form, status, code] of forms)
    it(`5.2 form ${form}: ${status} ${code}, once, for the tenant that a rule names`, async () => {
      const { walk, get, control, tenantId } = await createScene();
      const { done } = await walk(LATEST);
      control.setFaults({ rules: [{ type: 'deltaReset', form, tenantId, path: '/users/delta', count: 1 }] });
      const answer = await get(done);
      assert.deepEqual([answer.status, codeOf(answer)], [status, code]);
      if (form === 'unsupported') assert.equal(messageOf(answer), 'DeltaLink older than 30 days is not supported.');
      assert.equal((await get(done)).status, 200);
    });

  it('5.2 410 carries a Location with an empty $deltatoken, which starts a full round', async () => {
    const { walk, get, control } = await createScene();
    const { done } = await walk(LATEST);
    control.setFaults({ rules: [{ type: 'deltaReset', form: 'gone', count: 1 }] });
    const { headers } = await get(done);
    assert.match(headers['location']!, /\/users\/delta\?\$deltatoken=$/);
    assert.equal((await walk(headers['location']!)).rows.length, 30);
  });

  it('5.2 a token that is none of ours is a 400', async () => {
    const { get } = await createScene();
    assert.equal((await get('/users/delta?$deltatoken=nonsense')).status, 400);
  });
});

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
