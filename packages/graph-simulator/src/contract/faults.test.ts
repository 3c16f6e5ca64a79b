import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { HOUR, MINUTE, REPORT, SECOND, codeOf, createScene } from '../../test/scene.js';
import type { FaultPlanInput } from '../faults.js';
import { createFaults, faultPlanSchema } from '../faults.js';

const OTHER = '22222222-2222-4222-8222-222222222222';

describe('fault rules', () => {
  const strikes = (plan: FaultPlanInput, places: { tenantId: string; path: string }[]) => {
    const faults = createFaults(faultPlanSchema.parse(plan));
    return places.map((place) => faults.take('error', place) !== null);
  };
  const at = (path: string, tenantId = OTHER) => ({ tenantId, path });
  const error = { type: 'error', status: 500 } as const;

  it('strike where the path fits: part of it, or the whole of a pattern with *', () => {
    const places = [at('/users'), at('/users/1'), at('/groups')];
    assert.deepEqual(strikes({ rules: [{ ...error, path: '/users' }] }, places), [true, true, false]);
    assert.deepEqual(strikes({ rules: [{ ...error, path: '/users/*' }] }, places), [false, true, false]);
  });

  it('strike in the tenant that they name', () => {
    const places = [at('/users'), at('/users', '33333333-3333-4333-8333-333333333333')];
    assert.deepEqual(strikes({ rules: [{ ...error, tenantId: OTHER }] }, places), [true, false]);
  });

  it('end after the next N', () => {
    assert.deepEqual(strikes({ rules: [{ ...error, count: 2 }] }, Array(4).fill(at('/x'))), [true, true, false, false]);
  });

  it('strike by their share, the same for the same seed, whatever other rules do', () => {
    const places = Array.from({ length: 200 }, () => at('/users'));
    const rule = { ...error, share: 0.3 };
    const first = strikes({ seed: 9, rules: [rule] }, places);
    assert.deepEqual(strikes({ seed: 9, rules: [rule] }, places), first);
    assert.notDeepEqual(strikes({ seed: 10, rules: [rule] }, places), first);
    const hits = first.filter(Boolean).length;
    assert.ok(hits > 30 && hits < 90, `${hits}`);
  });

  it('are counted', async () => {
    const { get, control } = await createScene();
    control.setFaults({ rules: [{ ...error, path: '/users', count: 3 }] });
    for (let call = 0; call < 5; call += 1) await get('/users');
    assert.equal(control.hits()[0]!.hits, 3);
  });
});

describe('faults of pages', () => {
  for (const [what, toPath] of Object.entries<(groupId: string) => string>({
    list: () => '/users?$top=20',
    members: (groupId) => `/groups/${groupId}/members?$top=15`,
    report: () => `${REPORT}?$top=20`,
    delta: () => '/users/delta',
  }))
    it(`a page has fewer rows than were asked for, and nobody is missed: ${what}`, async () => {
      const { walk, control, tenant } = await createScene();
      const path = toPath(tenant.groupId);
      const whole = await walk(path);
      control.setFaults({ rules: [3, 5].map((rows) => ({ type: 'shortPage', rows, count: 1 })) });
      const { pages, rows } = await walk(path);
      assert.deepEqual(
        pages.slice(0, 2).map(({ body }) => body.value.length),
        [3, 5],
      );
      assert.deepEqual(
        rows.map(({ id }) => id),
        whole.rows.map(({ id }) => id),
      );
    });

  it('a row goes missing between two pages', async () => {
    const { walk, control } = await createScene();
    control.setFaults({ rules: [{ type: 'rowMissing', path: '/users', count: 1 }] });
    const { rows } = await walk('/users?$top=10');
    assert.equal(new Set(rows.map(({ id }) => id)).size, 29);
  });

  it('a row comes on two pages', async () => {
    const { walk, control } = await createScene();
    control.setFaults({ rules: [{ type: 'rowDoubled', path: '/users', count: 1 }] });
    const { pages, rows } = await walk('/users?$top=10');
    assert.equal(pages[0]!.body.value.at(-1)!.id, pages[1]!.body.value[0]!.id);
    assert.deepEqual([rows.length, new Set(rows.map(({ id }) => id)).size], [31, 30]);
  });

  it('a row is doubled in the list that the rule struck, once: not in another tenant, not after the faults ended', async () => {
    const { get, control, tenantId, simulator, askToken } = await createScene();
    control.setFaults({ rules: [{ type: 'rowDoubled', path: '/users', count: 1 }] });
    const next = String((await get('/users?$top=10')).body['@odata.nextLink']);
    const other = control.createTenant({ tenantId: OTHER, people: 30 }).tenant;
    const { body } = (await askToken(other)) as { body: { access_token: string } };
    const { pathname, search } = new URL(next);
    const foreign = await request(simulator.app)
      .get(pathname + search)
      .set({ authorization: `Bearer ${body.access_token}` });
    assert.notEqual(other.tenantId, tenantId);
    assert.equal((foreign.body as { value: unknown[] }).value.length, 10);
    control.setFaults({});
    assert.equal((await get(next)).body.value.length, 10);
  });

  it('a page is malformed: status 200, but no JSON', async () => {
    const { simulator, askToken, control } = await createScene();
    control.setFaults({ rules: [{ type: 'malformedPage', count: 1 }] });
    const { body } = (await askToken()) as { body: { access_token: string } };
    const answer = await request(simulator.app)
      .get('/v1.0/users')
      .set({ authorization: `Bearer ${body.access_token}` })
      .buffer()
      .parse((response, done) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => done(null, text));
      });
    assert.equal(answer.status, 200);
    assert.throws(() => JSON.parse(String(answer.body)), SyntaxError);
  });

  it('a page is cut off: the connection ends in the middle of the body', async () => {
    const { simulator, askToken, control } = await createScene();
    control.setFaults({ rules: [{ type: 'cutOffPage', count: 1 }] });
    const { body } = (await askToken()) as { body: { access_token: string } };
    const server = createServer(simulator.app).listen(0);
    const { port } = server.address() as AddressInfo;
    const read = async () => {
      const headers = { authorization: `Bearer ${body.access_token}` };
      return (await fetch(`http://localhost:${port}/v1.0/users`, { headers })).text();
    };
    try {
      await assert.rejects(read());
      assert.ok((JSON.parse(await read()) as { value: unknown[] }).value.length > 0);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('an answer is slow by the clock of the simulator', async () => {
    const { get, control, signIn, clock } = await createScene();
    await signIn();
    control.setFaults({ rules: [{ type: 'slowAnswer', ms: 5_000, path: '/users' }] });
    let answered = false;
    const reading = get('/users').then((answer) => {
      answered = true;
      return answer;
    });
    while (control.hits()[0]!.hits === 0) await new Promise(setImmediate);
    clock.advance(4_999);
    await new Promise(setImmediate);
    assert.equal(answered, false);
    clock.advance(1);
    assert.equal((await reading).status, 200);
  });

  for (const status of [500, 502, 503, 504])
    it(`a ${status} strikes as often as asked`, async () => {
      const { get, control } = await createScene();
      control.setFaults({ rules: [{ type: 'error', status, count: 1 }] });
      assert.deepEqual([(await get('/users')).status, (await get('/users')).status], [status, 200]);
    });
});

describe('faults of sign-in', () => {
  const rules = [
    ['wrongSecret', 7000215],
    ['expiredSecret', 7000222],
  ] as const;
  for (const [type, number] of rules)
    it(`${type} answers AADSTS${number} in the tenant that it names, as often as asked`, async () => {
      const { askToken, control, tenantId } = await createScene();
      control.setFaults({ rules: [{ type, tenantId, count: 1 }] });
      const refused = await askToken();
      assert.deepEqual([refused.status, (refused.body as { error_codes: number[] }).error_codes], [401, [number]]);
      assert.equal((await askToken()).status, 200);
    });

  it('strike a tenant that is called by its domain too, and name the app', async () => {
    const { control, tenant, tenantId, simulator } = await createScene();
    control.setFaults({ rules: [{ type: 'wrongSecret', tenantId }] });
    const form = { grant_type: 'client_credentials', client_id: tenant.clientId, client_secret: tenant.clientSecret };
    const { body } = (await request(simulator.app)
      .post(`/${tenant.domain}/oauth2/v2.0/token`)
      .type('form')
      .send({ ...form, scope: 'https://graph.microsoft.com/.default' })) as { body: Record<string, unknown> };
    assert.deepEqual(body['error_codes'], [7000215]);
    assert.ok(String(body['error_description']).includes(`'${tenant.clientId}'`));
  });
});

describe('chance', () => {
  it('that orders notifications is not moved by batches and other calls in between', async () => {
    const order = async (batches: number) => {
      const { call, control, subscribe, rename, pass, items, truth } = await createScene();
      control.setFaults({ seed: 5, rules: [{ type: 'reorder' }] });
      await subscribe();
      const requests = ['1', '2', '3'].map((id) => ({ id, method: 'GET', url: '/users?$top=1' }));
      for (let batch = 0; batch < batches; batch += 1) await call('POST', '/$batch', { body: { requests } });
      for (const { id } of truth().slice(0, 8)) rename(id);
      await pass(SECOND);
      return items().map((item) => truth().findIndex(({ id }) => String(item['resource']).endsWith(id)));
    };
    assert.deepEqual(await order(3), await order(0));
  });
});

describe('replica lag', () => {
  it('shows each version of an object in turn, and lists agree with single reads', async () => {
    const { get, control, rename, person, pass } = await createScene();
    const { id, displayName } = person();
    control.setFaults({ rules: [{ type: 'replicaLag', ms: 3_000, path: `/users/${id}` }] });
    const seen = async () => {
      const one = (await get(`/users/${id}`)).body['displayName'];
      const listed = (await get('/users?$top=999')).body.value.find((row) => row.id === id)!['displayName'];
      assert.equal(one, listed);
      return one;
    };
    rename(id, 'Second');
    await pass(SECOND);
    rename(id, 'Third');
    assert.equal(await seen(), displayName);
    await pass(2 * SECOND);
    assert.equal(await seen(), 'Second');
    await pass(SECOND);
    assert.equal(await seen(), 'Third');
  });

  it('hides who was just created and still shows who was just deleted or purged', async () => {
    const { get, control, tenantId, truth, pass } = await createScene();
    const [soft, hard] = truth().map(({ id }) => id);
    control.setFaults({ rules: [{ type: 'replicaLag', ms: 3_000 }] });
    const { id } = control.createUser(tenantId);
    control.deleteUser(tenantId, soft!);
    control.deleteUser(tenantId, hard!, { permanent: true });
    const statuses = async () => Promise.all([id, soft, hard].map(async (one) => (await get(`/users/${one}`)).status));
    assert.deepEqual(await statuses(), [404, 200, 200]);
    assert.equal((await get('/users?$top=999')).body.value.length, 30);
    await pass(3 * SECOND);
    assert.deepEqual(await statuses(), [200, 404, 404]);
    assert.equal((await get('/users?$top=999')).body.value.length, 29);
  });

  it('finds people by the sign-in name that the replica still knows', async () => {
    const { get, control, tenantId, tenant, person, pass } = await createScene();
    const { id, userPrincipalName } = person();
    control.setFaults({ rules: [{ type: 'replicaLag', ms: 3_000 }] });
    const renamed = `new.name@${tenant.domain}`;
    control.updateUser(tenantId, id, { userPrincipalName: renamed });
    const found = async (name: string) => (await get(`/users/${encodeURIComponent(name)}`)).status;
    assert.deepEqual([await found(userPrincipalName), await found(renamed)], [200, 404]);
    await pass(3 * SECOND);
    assert.deepEqual([await found(userPrincipalName), await found(renamed)], [404, 200]);
  });
});

describe('time', () => {
  it('lives are shortened while the simulator runs: token, subscription, delta', async () => {
    const { control, subscribe, get, walk, clock, pass } = await createScene();
    control.setSettings({
      lifetimes: { accessToken: 60_000, subscriptionFloor: 5_000, subscriptionCap: 10 * MINUTE, deltaToken: 20_000 },
    });
    const minute = new Date(clock.now() + 6_000).toISOString();
    assert.equal((await subscribe({ expirationDateTime: minute })).status, 201);
    assert.equal(
      (await subscribe({ resource: 'groups', expirationDateTime: new Date(clock.now() + HOUR).toISOString() })).status,
      400,
    );
    const { done } = await walk('/users/delta?$deltatoken=latest');
    await pass(8 * SECOND, SECOND);
    assert.equal(control.subscriptions().length, 0);
    await pass(20 * SECOND, SECOND);
    assert.equal((await get(done)).status, 400);
    await pass(MINUTE, SECOND);
    const late = await get('/users');
    assert.deepEqual([late.status, codeOf(late)], [401, 'InvalidAuthenticationToken']);
  });
});
