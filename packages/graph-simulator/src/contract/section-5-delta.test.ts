import assert from 'node:assert/strict';
import request from 'supertest';
import { DAY, HOUR, SECOND, codeOf, createScene, messageOf } from '../../test/scene.js';

const LATEST = '/users/delta?$deltatoken=latest';

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

  for (const kind of ['b2c', 'external'] as const)
    it(`5.1 a tenant of kind ${kind} has no delta queries`, async () => {
      const { get } = await createScene({ plan: { kind } });
      assert.deepEqual([(await get('/users/delta')).status, (await get('/groups/delta')).status], [400, 400]);
    });

  it('5.1 a link of another tenant is no link here', async () => {
    const { walk, control, simulator, askToken } = await createScene();
    const { done } = await walk('/users/delta');
    const other = control.createTenant({ tenantId: '22222222-2222-4222-8222-222222222222', people: 5 }).tenant;
    const { body } = (await askToken(other)) as { body: { access_token: string } };
    const { pathname, search } = new URL(done);
    const answer = await request(simulator.app)
      .get(pathname + search)
      .set({ authorization: `Bearer ${body.access_token}` });
    assert.deepEqual(
      [answer.status, (answer.body as { error: { code: string } }).error.code],
      [400, 'Request_BadRequest'],
    );
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
