import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { createSteppedClock } from './clock.js';
import type { KeptKey } from './sign-in/signing-keys.js';
import { createKey } from './sign-in/signing-keys.js';
import type { Simulator, SimulatorOptions } from './simulator.js';
import { createSimulator } from './simulator.js';

const START = Date.parse('2026-11-23T12:00:00Z');
const DAY = 86_400_000;
const REPORT = '/reports/authenticationMethods/userRegistrationDetails';
const TENANT = {
  tenantId: '11111111-1111-4111-8111-111111111111',
  people: 30,
  groupMembers: 20,
  guests: 2,
  disabled: 3,
};

type Json = Record<string, unknown> & { value: Record<string, unknown>[] };

let shared: KeptKey | undefined;
/** Making a key takes longer than most tests. */
const sharedKey = () => (shared ??= createKey());

const setUp = async (plan: object = {}, options: SimulatorOptions = {}) => {
  const clock = createSteppedClock(START);
  const made = options.stateFile === undefined && { keys: [sharedKey()] };
  const simulator = await createSimulator({ clock, ...made, ...options });
  const { tenant } = simulator.control.createTenant({ ...TENANT, ...plan });
  return { clock, simulator, tenant, graph: await signIn(simulator, tenant) };
};

type Connection = ReturnType<Simulator['control']['createTenant']>['tenant'];
const askToken = (simulator: Simulator, tenant: Connection, change: Record<string, string> = {}) =>
  request(simulator.app)
    .post(`/${change['tenant'] ?? tenant.tenantId}/oauth2/v2.0/token`)
    .type('form')
    .send({
      grant_type: 'client_credentials',
      client_id: tenant.clientId,
      client_secret: tenant.clientSecret,
      scope: 'https://graph.microsoft.com/.default',
      ...change,
    });

const signIn = async (simulator: Simulator, tenant: Connection) => {
  const { body } = (await askToken(simulator, tenant)) as { body: { access_token: string } };
  return async (path: string, headers: Record<string, string> = {}) => {
    const url = path.startsWith('http') ? new URL(path) : new URL(`/v1.0${path}`, 'http://x');
    const answer = await request(simulator.app)
      .get(url.pathname + url.search)
      .set({ authorization: `Bearer ${body.access_token}`, ...headers });
    return { status: answer.status, headers: answer.headers as Record<string, string>, body: answer.body as Json };
  };
};
const codeOf = (body: Json) => (body['error'] as { code: string }).code;

describe('8.1 and 8.3 signing in', () => {
  const cases: [string, Record<string, string>, number, string, number][] = [
    ['a wrong secret', { client_secret: 'x' }, 401, 'invalid_client', 7000215],
    ['no secret', { client_secret: '' }, 401, 'invalid_client', 7000218],
    ['an unknown app', { client_id: '00000000-0000-4000-8000-000000000000' }, 400, 'unauthorized_client', 700016],
    ['an unknown tenant', { tenant: '00000000-0000-4000-8000-000000000000' }, 400, 'invalid_request', 90002],
    ['a malformed tenant', { tenant: 'no_tenant' }, 400, 'invalid_request', 900023],
    ['no grant type', { grant_type: '' }, 400, 'invalid_request', 900144],
    ['a foreign grant type', { grant_type: 'magic' }, 400, 'unsupported_grant_type', 70003],
    ['a scope without .default', { scope: 'User.Read' }, 400, 'invalid_scope', 1002012],
    ['a foreign resource', { scope: 'https://other.example/.default' }, 400, 'invalid_resource', 500011],
  ];
  for (const [name, change, status, error, number] of cases)
    it(`with ${name} is refused with AADSTS${number}`, async () => {
      const { simulator, tenant } = await setUp();
      const answer = await askToken(simulator, tenant, change);
      const body = answer.body as Json;
      assert.deepEqual([answer.status, body['error'], body['error_codes']], [status, error, [number]]);
      assert.match(String(body['error_description']), new RegExp(`^AADSTS${number}: `));
    });

  it('with an expired secret is refused with AADSTS7000222, and works with a second one', async () => {
    const { clock, simulator, tenant } = await setUp({ secretDays: 10 });
    clock.advance(11 * DAY);
    const refused = await askToken(simulator, tenant);
    assert.deepEqual([refused.status, (refused.body as Json)['error_codes']], [401, [7000222]]);
    const { clientSecret } = simulator.control.addSecret(tenant.tenantId, tenant.clientId);
    assert.equal((await askToken(simulator, tenant, { client_secret: clientSecret })).status, 200);
  });

  it('without consent gives a token without roles, which Graph answers with 403', async () => {
    const { simulator, tenant } = await setUp();
    simulator.control.updateApp(tenant.tenantId, tenant.clientId, { granted: [] });
    const { status, body } = await (await signIn(simulator, tenant))('/users');
    assert.deepEqual([status, codeOf(body)], [403, 'Authorization_RequestDenied']);
  });

  it('calls an unknown tenant invalid_tenant in discovery', async () => {
    const { simulator } = await setUp();
    const answer = await request(simulator.app).get('/unknown.example/v2.0/.well-known/openid-configuration');
    assert.deepEqual([answer.status, (answer.body as Json)['error']], [400, 'invalid_tenant']);
  });
});

describe('Graph', () => {
  it('answers 401 to no token, a broken one and an expired one', async () => {
    const { clock, simulator, graph } = await setUp();
    const bare = await request(simulator.app).get('/v1.0/users');
    const broken = await request(simulator.app).get('/v1.0/users').set('authorization', 'Bearer a.b.c');
    clock.advance(3_600_000);
    const late = await graph('/users');
    for (const { status, body } of [bare, broken, late])
      assert.deepEqual([status, codeOf(body as Json)], [401, 'InvalidAuthenticationToken']);
  });

  it('echoes the client request id, dates by its own clock and names each request', async () => {
    const { graph } = await setUp();
    const { headers } = await graph('/users?$top=1', { 'client-request-id': 'mine' });
    assert.equal(headers['client-request-id'], 'mine');
    assert.equal(headers['date'], new Date(START).toUTCString());
    assert.match(headers['request-id'] ?? '', /^[0-9a-f-]{36}$/);
  });

  it('refuses the sixth report within ten seconds and says how long to wait', async () => {
    const { clock, graph } = await setUp();
    for (let call = 0; call < 5; call += 1) assert.equal((await graph(REPORT)).status, 200);
    const { status, headers, body } = await graph(REPORT);
    assert.deepEqual([status, headers['retry-after'], codeOf(body)], [429, '10', 'TooManyRequests']);
    clock.advance(10_000);
    assert.equal((await graph(REPORT)).status, 200);
  });

  it('reports enabled, living people only, and nothing without a licence', async () => {
    const { simulator, tenant, graph } = await setUp();
    const { users } = simulator.control.truth(tenant.tenantId);
    simulator.control.deleteUser(tenant.tenantId, users.find(({ mfa }) => mfa !== null)!.id);
    const reported = simulator.control.truth(tenant.tenantId).users.filter(({ mfa }) => mfa !== null);
    const { body } = await graph(REPORT);
    assert.equal(reported.length, 30 - 3 - 1);
    assert.deepEqual(body.value.map(({ id }) => id).sort(), reported.map(({ id }) => id).sort());
    simulator.control.setLicence(tenant.tenantId, 'none');
    const refused = await graph(REPORT);
    assert.deepEqual(
      [refused.status, codeOf(refused.body)],
      [403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant'],
    );
  });

  it('shows new MFA methods in the report only after its delay', async () => {
    const { clock, simulator, tenant, graph } = await setUp({}, { lifetimes: { reportDelay: 60_000 } });
    const { id } = simulator.control.truth(tenant.tenantId).users.find(({ mfa }) => mfa?.isMfaRegistered === false)!;
    simulator.control.setMfa(tenant.tenantId, id, { methods: ['mobilePhone'] });
    const registered = async () => (await graph(`${REPORT}/${id}`)).body['isMfaRegistered'];
    assert.equal(await registered(), false);
    clock.advance(60_000);
    assert.equal(await registered(), true);
  });
});

describe('delta', () => {
  const walk = async (graph: Awaited<ReturnType<typeof signIn>>, first: string) => {
    const rows: Record<string, unknown>[] = [];
    for (let link = first; ;) {
      const { status, body } = await graph(link);
      assert.equal(status, 200);
      rows.push(...body.value);
      const [next, done] = [body['@odata.nextLink'], body['@odata.deltaLink']] as (string | undefined)[];
      assert.ok((next === undefined) !== (done === undefined), 'exactly one link');
      if (done !== undefined) return { rows, done };
      link = next!;
    }
  };

  it('of users gives everyone, then what changed, what was cleared and who is gone', async () => {
    const { simulator, tenant, graph } = await setUp({}, { pageSizes: { delta: 7 } });
    const { control } = simulator;
    const first = await walk(graph, '/users/delta?$select=displayName,jobTitle,accountEnabled');
    assert.equal(new Set(first.rows.map(({ id }) => id)).size, 30);
    const [cleared, left, purged, untracked] = control.truth(tenant.tenantId).users.map(({ id }) => id);
    control.updateUser(tenant.tenantId, cleared!, { displayName: 'New', jobTitle: 'x' });
    control.updateUser(tenant.tenantId, cleared!, { jobTitle: null });
    control.deleteUser(tenant.tenantId, left!);
    control.deleteUser(tenant.tenantId, purged!, { permanent: true });
    control.updateUser(tenant.tenantId, untracked!, { city: 'Leeds' });
    const second = await walk(graph, first.done);
    assert.deepEqual(second.rows, [
      { id: cleared, displayName: 'New', jobTitle: null, accountEnabled: second.rows[0]!['accountEnabled'] },
      { id: left, '@removed': { reason: 'changed' } },
      { id: purged, '@removed': { reason: 'deleted' } },
    ]);
    assert.deepEqual((await walk(graph, second.done)).rows, []);
  });

  it('of a group spreads its members over pages, then tells who came and went', async () => {
    const { simulator, tenant, graph } = await setUp({}, { pageSizes: { delta: 6 } });
    const { control } = simulator;
    const { groupId } = tenant;
    const { rows, done } = await walk(graph, `/groups/delta?$filter=id eq '${groupId}'&$select=members`);
    assert.ok(rows.length > 1 && rows.every(({ id }) => id === groupId));
    const members = rows.flatMap((row) => row['members@delta'] as { id: string }[]);
    const direct = control.truth(tenant.tenantId).users.filter(({ groupPath }) => groupPath.length === 1);
    assert.deepEqual(
      members.map(({ id }) => id).sort(),
      [...direct.map(({ id }) => id), ...tenant.nestedGroupIds].sort(),
    );
    const joined = control.createUser(tenant.tenantId, { inGroup: true });
    control.dropMember(tenant.tenantId, groupId, direct[0]!.id);
    const type = '#microsoft.graph.user';
    assert.deepEqual((await walk(graph, done)).rows, [
      {
        id: groupId,
        'members@delta': [
          { '@odata.type': type, id: joined.id },
          { '@odata.type': type, id: direct[0]!.id, '@removed': { reason: 'deleted' } },
        ],
      },
    ]);
  });

  const forms = [
    ['unsupported', 400, 'Request_UnsupportedQuery'],
    ['gone', 410, 'resyncRequired'],
    ['resync', 400, 'syncStateNotFound'],
  ] as const;
  for (const [deltaReset, status, code] of forms)
    it(`refuses a token of eight days in the form ${deltaReset} with ${status}`, async () => {
      const { clock, simulator, tenant, graph } = await setUp();
      const { done } = await walk(graph, '/users/delta?$deltatoken=latest');
      clock.advance(8 * DAY);
      simulator.control.setFaults({ deltaReset });
      const answer = await (await signIn(simulator, tenant))(done);
      assert.deepEqual([answer.status, codeOf(answer.body)], [status, code]);
      assert.equal(answer.headers['location'] !== undefined, deltaReset === 'gone');
    });
});

describe('the state file', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('keeps the tenant, its secret and delta tokens over a restart', async () => {
    const stateFile = join(folder, 'state');
    const first = await setUp({}, { stateFile });
    const { tenantId } = first.tenant;
    const { body } = await first.graph('/users/delta?$deltatoken=latest');
    const user = first.simulator.control.createUser(tenantId, { displayName: 'Kept', inGroup: true });
    const truth = first.simulator.control.truth(tenantId);
    await first.simulator.stop();

    const second = await setUp({}, { stateFile });
    assert.deepEqual(second.tenant, { ...first.tenant, people: first.tenant.people + 1 });
    assert.deepEqual(second.simulator.control.truth(tenantId), truth);
    const changes = await second.graph(String(body['@odata.deltaLink']));
    assert.deepEqual([changes.status, changes.body.value.map(({ id }) => id)], [200, [user.id]]);
    await second.simulator.stop();
  });

  it('refuses delta tokens for changes that a kill lost', async () => {
    const stateFile = join(folder, 'killed');
    const first = await setUp({}, { stateFile });
    await first.simulator.stop();
    const killed = await setUp({}, { stateFile });
    killed.simulator.control.createUser(killed.tenant.tenantId, {});
    const { body } = await killed.graph('/users/delta?$deltatoken=latest');
    const second = await setUp({}, { stateFile });
    const answer = await second.graph(String(body['@odata.deltaLink']));
    assert.deepEqual([answer.status, codeOf(answer.body)], [400, 'Request_UnsupportedQuery']);
  });
});
