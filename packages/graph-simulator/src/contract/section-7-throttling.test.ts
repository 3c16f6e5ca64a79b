import assert from 'node:assert/strict';
import { REPORT, SECOND, codeOf, createScene } from '../../test/scene.js';
import type { Scene } from '../../test/scene.js';
import { createGraphOperations } from '../graph/operations.js';
import { GLOBAL, LIMITS, createThrottle, identityBudget, unitsOf } from '../graph/throttle.js';
import type { Call } from '../graph/throttle.js';

const CALL: Call = { scope: 'reports', units: 1, appId: 'a', tenantId: 't', people: 500, at: 0 };
/** How many calls go through within one window. */
const allowed = (change: (index: number) => Partial<Call>, most: number) => {
  const throttle = createThrottle();
  for (let index = 0; index <= most; index += 1)
    if (throttle.admit({ ...CALL, ...change(index) }).retryAfter !== null) return index;
  return Infinity;
};

describe('contract 7, limits', () => {
  it('7 global per app over all tenants: 130,000 requests in 10 s', () => {
    assert.deepEqual(GLOBAL, { per: 'app', amount: 130_000, window: 10_000 });
  });

  it('7 identity per app and tenant: 3,500, 5,000 or 8,000 resource units in 10 s by size', () => {
    assert.deepEqual([49, 50, 500, 501].map(identityBudget), [3_500, 5_000, 5_000, 8_000]);
    assert.equal(
      allowed(() => ({ scope: 'identity', units: 5, people: 10 }), 1_000),
      700,
    );
  });

  const rows: [string, Call['scope'], string, number, number][] = [
    ['identity per app: 150,000 units in 20 s', 'identity', 'app', 150_000, 20_000],
    ['identity writes per app and tenant: 3,000 in 150 s', 'identityWrite', 'appInTenant', 3_000, 150_000],
    ['identity writes per app: 35,000 in 5 min', 'identityWrite', 'app', 35_000, 300_000],
    ['identity writes per tenant: 18,000 in 5 min', 'identityWrite', 'tenant', 18_000, 300_000],
    ['Identity Protection per tenant: 1 in a second', 'identityProtection', 'tenant', 1, 1_000],
    ['reports per app and tenant: 5 in 10 s', 'reports', 'appInTenant', 5, 10_000],
    ['reports per app: 122 in 10 s', 'reports', 'app', 122, 10_000],
    ['subscription writes per app and tenant: 500 in 20 s', 'subscriptionWrite', 'appInTenant', 500, 20_000],
    ['subscription writes per app: 2,000 in 20 s', 'subscriptionWrite', 'app', 2_000, 20_000],
    ['reauthorize per app and tenant: 1,000 in 20 s', 'subscriptionReauthorize', 'appInTenant', 1_000, 20_000],
    ['reauthorize per app: 4,000 in 20 s', 'subscriptionReauthorize', 'app', 4_000, 20_000],
    ['subscription by id per app and tenant: 500 in 20 s', 'subscriptionGet', 'appInTenant', 500, 20_000],
    ['subscription by id per app: 2,000 in 20 s', 'subscriptionGet', 'app', 2_000, 20_000],
    ['subscription list per app and tenant: 25 in 20 s', 'subscriptionList', 'appInTenant', 25, 20_000],
    ['subscription list per app: 40 in 20 s', 'subscriptionList', 'app', 40, 20_000],
  ];
  for (const [name, scope, per, amount, window] of rows)
    it(`7 ${name}`, () => {
      assert.ok(LIMITS[scope].some((limit) => limit.per === per && limit.amount === amount && limit.window === window));
      const owner = (index: number): Partial<Call> => {
        if (per === 'app') return { tenantId: `t${index}` };
        return per === 'tenant' ? { appId: `a${index}` } : {};
      };
      assert.equal(
        allowed((index) => ({ scope, ...owner(index) }), Math.min(amount, 40_000)),
        amount > 40_000 ? Infinity : amount,
      );
    });

  const units: [string, string, number][] = [
    ['GET', '/users', 2],
    ['GET', '/groups/{id}/members', 3],
    ['GET', '/groups/{id}/transitiveMembers', 5],
    ['POST', '/users/{id}/checkMemberGroups', 4],
    ['POST', '/users/{id}/getMemberGroups', 2],
    ['GET', '/users/{id}/memberOf', 2],
    ['POST', '/directoryObjects/getByIds', 5],
    ['GET', '/users/{id}', 1],
    ['GET', '/users/delta', 1],
  ];
  for (const [method, path, expected] of units)
    it(`7 ${method} ${path} costs ${expected} resource units`, () => {
      const operations = createGraphOperations({
        post: () => Promise.resolve('failed'),
        resume: () => undefined,
        onEdit: () => undefined,
      });
      const found = operations.find((one) => one.method === method && one.path === path);
      assert.deepEqual([found?.scope, found?.units], ['identity', expected]);
    });

  it('7 $select takes one off (getByIds three), $expand adds one, $top under 20 takes one off, never below 1', () => {
    const cost = (query: string, base: number, rebate?: number) => unitsOf(base, new URLSearchParams(query), rebate);
    assert.deepEqual(
      [cost('$select=id', 2), cost('$expand=x', 2), cost('$top=19', 2), cost('$top=20', 2), cost('$select=id', 1)],
      [1, 3, 1, 2, 1],
    );
    assert.equal(cost('$select=id', 5, 3), 2);
  });
});

describe('contract 7, refusals', () => {
  const exhaust = async (scene: Scene) => {
    for (let call = 0; call < 5; call += 1) assert.equal((await scene.get(REPORT)).status, 200);
  };

  it('7 the 429 has its own body, a Retry-After and the throttle headers', async () => {
    const scene = await createScene();
    await exhaust(scene);
    const { status, headers, body } = await scene.get(REPORT);
    assert.equal(status, 429);
    const error = body['error'] as Record<string, unknown> & { innerError: Record<string, unknown> };
    assert.deepEqual([error['code'], error['message']], ['TooManyRequests', 'Please retry again later.']);
    assert.deepEqual(
      [error.innerError['code'], error.innerError['message'], error.innerError['status']],
      ['429', 'Please retry after', '429'],
    );
    assert.equal(headers['retry-after'], '10');
    assert.equal(headers['x-ms-throttle-limit-percentage'], '1.20');
    assert.equal(headers['x-ms-throttle-scope'], `Tenant_Application/Read/${scene.tenant.clientId}/${scene.tenantId}`);
    assert.equal(headers['x-ms-throttle-information'], 'ResourceUnitLimitExceeded');
  });

  it('7 Identity Protection does not say how long to wait, and needs IdentityRiskyUser.Read.All', async () => {
    const path = '/identityProtection/riskyUsers';
    const { get, pass } = await createScene({ plan: { permissions: ['IdentityRiskyUser.Read.All'] } });
    const { status, body } = await get(path);
    assert.deepEqual([status, body.value], [200, []]);
    const second = await get(path);
    assert.deepEqual(
      [second.status, codeOf(second), second.headers['retry-after']],
      [429, 'TooManyRequests', undefined],
    );
    assert.match(second.headers['x-ms-throttle-scope'] ?? '', /^Tenant\/Read\//);
    await pass(SECOND);
    assert.equal((await get(path)).status, 200);
    const stranger = await createScene();
    assert.equal((await stranger.get(path)).status, 403);
  });

  it('7 memberOf lists the groups that a person is in directly', async () => {
    const { get, control, tenantId, person } = await createScene();
    const { id } = person();
    const group = control.createGroup(tenantId, { displayName: 'Ward' });
    control.addMember(tenantId, group.id, id);
    const rows = (await get(`/users/${id}/memberOf`)).body.value;
    const ward = rows.find((row) => row.id === group.id);
    assert.deepEqual([ward?.['@odata.type'], ward?.['displayName']], ['#microsoft.graph.group', 'Ward']);
    assert.equal((await get('/users/nobody/memberOf')).status, 404);
  });

  it('7 throttled calls count, so immediate retry makes it worse', async () => {
    const scene = await createScene();
    await exhaust(scene);
    const first = await scene.get(REPORT);
    const second = await scene.get(REPORT);
    assert.ok(
      Number(second.headers['x-ms-throttle-limit-percentage']) >
        Number(first.headers['x-ms-throttle-limit-percentage']),
    );
    await scene.pass(10 * SECOND);
    assert.equal((await scene.get(REPORT)).status, 200);
  });

  it('7 x-ms-resource-unit tells what a call cost', async () => {
    const { get, tenant } = await createScene();
    assert.equal((await get('/users')).headers['x-ms-resource-unit'], '2');
    assert.equal((await get('/users?$select=id')).headers['x-ms-resource-unit'], '1');
    assert.equal((await get(`/groups/${tenant.groupId}/transitiveMembers`)).headers['x-ms-resource-unit'], '5');
  });

  it('7 x-ms-throttle-limit-percentage stands from 0.8 on and ends at 1.8', async () => {
    const scene = await createScene();
    const seen: (string | undefined)[] = [];
    for (let call = 0; call < 10; call += 1)
      seen.push((await scene.get(REPORT)).headers['x-ms-throttle-limit-percentage']);
    assert.deepEqual(seen, [undefined, undefined, undefined, '0.80', '1.00', '1.20', '1.40', '1.60', '1.80', '1.80']);
  });

  it('7 x-ms-throttle-priority: low calls are refused first, high ones last', () => {
    const through = (priority: 'low' | 'normal' | 'high') =>
      allowed(() => ({ scope: 'subscriptionWrite', priority }), 1_000);
    assert.deepEqual([through('low'), through('normal'), through('high')], [450, 500, 550]);
  });

  it('7 a write over its quota names WriteLimitExceeded and the scope Write', async () => {
    const { call, tenant, tenantId } = await createScene({ plan: { permissions: ['User.ReadWrite.All'] } });
    const write = () => call('DELETE', '/users/nobody');
    const requests = Array.from({ length: 20 }, (_value, id) => ({
      id: `${id}`,
      method: 'DELETE',
      url: '/users/nobody',
    }));
    const writeMany = async (count: number) => {
      for (let done = 0; done < count; done += 20) await call('POST', '/$batch', { body: { requests } });
    };
    await writeMany(2_400);
    const near = await write();
    assert.deepEqual([near.status, near.headers['x-ms-throttle-limit-percentage']], [404, '0.80']);
    await writeMany(600);
    const { status, headers } = await write();
    assert.equal(status, 429);
    assert.equal(headers['x-ms-throttle-information'], 'WriteLimitExceeded');
    assert.equal(headers['x-ms-throttle-scope'], `Tenant_Application/Write/${tenant.clientId}/${tenantId}`);
  });

  for (const [retryAfter, header] of [
    [7, '7'],
    [2.128, '2.128'],
    [undefined, undefined],
  ] as const)
    it(`7 a throttle fault below the limits has Retry-After ${header ?? 'left out'}`, async () => {
      const { get, control } = await createScene();
      control.setFaults({
        rules: [{ type: 'error', status: 429, path: '/users', count: 1, ...(retryAfter && { retryAfter }) }],
      });
      const answer = await get('/users');
      assert.deepEqual(
        [answer.status, codeOf(answer), answer.headers['retry-after']],
        [429, 'TooManyRequests', header],
      );
      assert.equal((await get('/users')).status, 200);
    });

  it('7 CPULimitExceeded comes with a fault that says so', async () => {
    const { get, control } = await createScene();
    control.setFaults({ rules: [{ type: 'error', status: 429, information: 'CPULimitExceeded' }] });
    assert.equal((await get('/users')).headers['x-ms-throttle-information'], 'CPULimitExceeded');
  });
});

describe('contract 7, batching', () => {
  type Part = { id: string; status: number; headers: Record<string, string>; body: Record<string, unknown> };
  const scene = async () => {
    const made = await createScene();
    const batch = async (requests: object[]) => {
      const { status, body } = await made.call('POST', '/$batch', { body: { requests } });
      const responses = (body['responses'] ?? []) as Part[];
      return { status, body, responses, byId: (id: string) => responses.find((part) => part.id === id)! };
    };
    return { ...made, batch };
  };
  const get = (id: number | string, url: string, more: object = {}) => ({ id: `${id}`, method: 'GET', url, ...more });

  it('7 a batch takes 20 requests, not 21', async () => {
    const { batch } = await scene();
    const many = (count: number) => Array.from({ length: count }, (_value, index) => get(index, '/users?$top=1'));
    const full = await batch(many(20));
    assert.deepEqual([full.status, full.responses.length], [200, 20]);
    assert.equal((await batch(many(21))).status, 400);
  });

  it('7 ids in a batch are unique, else 400', async () => {
    const { batch } = await scene();
    assert.equal((await batch([get(1, '/users'), get(1, '/users')])).status, 400);
  });

  it('7 responses come in any order, each with its own status, headers and body', async () => {
    const { batch } = await scene();
    const { responses, byId } = await batch(
      [1, 2, 3, 4, 5, 6].map((id) => get(id, id === 3 ? '/users/nobody' : '/users')),
    );
    assert.notDeepEqual(
      responses.map(({ id }) => id),
      ['1', '2', '3', '4', '5', '6'],
    );
    assert.deepEqual([byId('3').status, byId('1').status], [404, 200]);
    assert.equal((byId('1').body['value'] as unknown[]).length, 30);
    assert.equal(byId('1').headers['x-ms-resource-unit'], '2');
  });

  it('7 what depends on a failed part is a 424', async () => {
    const { batch } = await scene();
    const { byId } = await batch([get(1, '/users/nobody'), get(2, '/users', { dependsOn: ['1'] })]);
    assert.deepEqual([byId('1').status, byId('2').status], [404, 424]);
  });

  it('7 each part is throttled on its own: 429 inside a 200, with Retry-After', async () => {
    const { batch } = await scene();
    const { status, responses } = await batch(Array.from({ length: 7 }, (_value, index) => get(index, REPORT)));
    assert.equal(status, 200);
    const refused = responses.filter((part) => part.status === 429);
    assert.equal(refused.length, 2);
    assert.ok(refused.every(({ headers }) => headers['Retry-After'] === '10'));
  });

  it('7 a throttle fault strikes inside a batch too', async () => {
    const { batch, control } = await scene();
    control.setFaults({ rules: [{ type: 'error', status: 429, retryAfter: 1.5, path: '/users', count: 1 }] });
    const { byId } = await batch([get(1, '/users'), get(2, '/groups')]);
    assert.deepEqual([byId('1').status, byId('1').headers['Retry-After'], byId('2').status], [429, '1.5', 200]);
  });
});
