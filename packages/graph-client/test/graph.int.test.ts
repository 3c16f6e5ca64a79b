import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { DirectoryUser, MfaRegistration } from '@muster/contracts';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import { createLogger, createMetrics } from '@muster/telemetry';
import { testServers } from '@muster/test-support';
import { createGraphFactory, type Graph, type GraphCredentials } from '../src/index.js';
import { collectPages, collectRows, failureOf } from './collect.js';

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const LIST = '/users';
const REPORT = '/userRegistrationDetails';

type Tenant = ReturnType<Simulator['control']['createTenant']>['tenant'];
type Truth = ReturnType<Simulator['control']['truthOf']>;

describe('the Graph client against the simulator', () => {
  let simulator: Simulator;
  let origin: string;
  let tenant: Tenant;
  let graph: Graph;
  const metrics = createMetrics({ service: 'graph-client' });
  const connect = createGraphFactory({ logger: createLogger({ service: 'graph-client', level: 'silent' }), metrics });

  const credentialsOf = ({ tenantId, clientId, clientSecret }: Tenant): GraphCredentials => ({
    tenantId,
    clientId,
    clientSecret: clientSecret ?? '',
    graphUrl: origin,
    loginUrl: origin,
  });
  const control = () => simulator.control;
  const truth = (): Truth[] => control().truth(tenant.tenantId).users;
  const living = (): Truth[] => truth().filter(({ deletedDateTime }) => deletedDateTime === null);

  before(async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    simulator = await createSimulator({ tls });
    origin = await simulator.start();
    ({ tenant } = control().createTenant({ people: 120, groupMembers: 60, nestedGroups: 3 }));
    graph = connect(credentialsOf(tenant));
  });
  afterEach(() => control().setFaults({}));
  after(() => simulator.stop());

  describe('signing in', () => {
    it('proves the secret and tells what was consented to', async () => {
      const { permissions } = await graph.signIn();
      assert.deepEqual(permissions.sort(), [...tenant.permissions].sort());
    });

    it('tells of a permission that was granted since, by a fresh token', async () => {
      const { tenant: other } = control().createTenant({ people: 1, permissions: ['User.Read.All'] });
      const client = connect(credentialsOf(other));
      assert.deepEqual(await client.signIn(), { permissions: ['User.Read.All'] });
      control().updateApp(other.tenantId, other.clientId, { granted: [] });
      assert.deepEqual(await client.signIn(), { permissions: [] });
    });

    it('refuses a wrong secret with its number and a cure, and without the secret', async () => {
      const wrong = { ...credentialsOf(tenant), clientSecret: 'a-wrong-secret' };
      const { code, retryable, details, message } = await failureOf(connect(wrong).signIn());
      assert.deepEqual([code, retryable, details.aadsts], ['token.refused', false, 7_000_215]);
      assert.match(message, /Certificates & secrets/);
      assert.doesNotMatch(message, /a-wrong-secret/);
    });

    it('refuses an expired secret as such', async () => {
      const { clientSecret } = control().addSecret(tenant.tenantId, tenant.clientId, { days: -1 });
      const { details } = await failureOf(connect({ ...credentialsOf(tenant), clientSecret }).signIn());
      assert.equal(details.aadsts, 7_000_222);
    });

    it('refuses a tenant that is not there as such', async () => {
      const lost = { ...credentialsOf(tenant), tenantId: UNKNOWN_ID };
      const { code, details, message } = await failureOf(connect(lost).signIn());
      assert.deepEqual([code, details.aadsts], ['token.refused', 90_002]);
      assert.match(message, /tenant/);
    });

    it('keeps one Graph per app and secret, and makes another when the secret changes', async () => {
      const { clientSecret } = control().addSecret(tenant.tenantId, tenant.clientId);
      const [first, other] = [credentialsOf(tenant), { ...credentialsOf(tenant), clientSecret }];
      const keeping = createGraphFactory({ logger: createLogger({ service: 'graph-client', level: 'silent' }) });
      assert.equal(keeping(first), keeping({ ...first }));
      assert.notEqual(keeping(first), keeping(other));
      await keeping(other).countUsers();
    });
  });

  describe('listing people', () => {
    it('gives everyone who lives, once, with every property', async () => {
      const rows = await collectRows(graph.userPages());
      assert.deepEqual(byId(rows), byId(living().map(toUser)));
    });

    it('gives the same in small pages, and each says where to go on', async () => {
      const pages = await collectPages(graph.userPages({ pageSize: 7 }));
      assert.equal(pages.length, Math.ceil(living().length / 7));
      assert.deepEqual(
        pages.map(({ nextLink }) => nextLink === null),
        pages.map((_, index) => index === pages.length - 1),
      );
      assert.deepEqual(byId(pages.flatMap(({ rows }) => rows)), byId(living().map(toUser)));
    });

    it('goes on where an earlier read stopped', async () => {
      const seen: DirectoryUser[] = [];
      let resumeFrom: string | null = null;
      for await (const page of graph.userPages({ pageSize: 50 })) {
        seen.push(...page.rows);
        resumeFrom = page.nextLink;
        break;
      }
      assert.equal(seen.length, 50);
      const rest = await collectRows(graph.userPages({ resumeFrom: resumeFrom! }));
      assert.deepEqual(byId([...seen, ...rest]), byId(living().map(toUser)));
    });

    it('rejects with graph.gone when the place to go on is no longer known', async () => {
      const link = `${origin}/v1.0/users?$skiptoken=${Buffer.from('long ago').toString('base64url')}`;
      const { code, retryable } = await failureOf(collectPages(graph.userPages({ resumeFrom: link })));
      assert.deepEqual([code, retryable], ['graph.gone', false]);
    });

    it('counts those who live', async () => assert.equal(await graph.countUsers(), living().length));

    it('dates a page by Graph, before what came later', async () => {
      const from = Date.now();
      const [page] = await collectPages(graph.userPages());
      const observedAt = Date.parse(page!.observedAt);
      // A clock that tells whole ms: what is reckoned back from the answer may be one early, never late.
      assert.ok(observedAt >= from - 1 && observedAt <= Date.now(), `${from} <= ${observedAt}`);
      assert.equal(graph.clockSkewMs(), 0);
    });
  });

  describe('groups', () => {
    it('lists direct members, people and nested groups', async () => {
      const rows = await collectRows(graph.memberPages(tenant.groupId));
      const direct = living().filter(({ groupPath }) => groupPath.length === 1);
      const nested = rows.filter(({ kind }) => kind === 'group').map(({ id }) => id);
      const people = rows.filter(({ kind }) => kind === 'user').map(({ id }) => id);
      assert.ok(nested.length > 0 && nested.every((id) => tenant.nestedGroupIds.includes(id)), 'nested groups');
      assert.deepEqual(people.sort(), direct.map(({ id }) => id).sort());
    });

    it('rejects for a group that is gone: its members are not "none"', async () => {
      const { code } = await failureOf(collectPages(graph.memberPages(UNKNOWN_ID)));
      assert.equal(code, 'graph.not-found');
    });

    it('reads a group by name, and null where there is none', async () => {
      const group = await graph.readGroup(tenant.groupId);
      assert.deepEqual(group, { groupId: tenant.groupId, displayName: 'Contoso product users' });
      assert.equal(await graph.readGroup(UNKNOWN_ID), null);
    });
  });

  describe('reading people by id', () => {
    it('tells who is there and in the group (nested too), in the bin, or gone for good', async () => {
      const { tenantId, groupId, nestedGroupIds } = tenant;
      const [inside, nested, outside, binned, purged] = [true, false, false, true, true].map(
        (inGroup) => control().createUser(tenantId, { inGroup }).id,
      ) as [string, string, string, string, string];
      control().addMember(tenantId, nestedGroupIds[0]!, nested);
      control().deleteUser(tenantId, binned);
      control().deleteUser(tenantId, purged, { permanent: true });
      const ids = [inside, nested, outside, binned, purged, UNKNOWN_ID];
      const read = await graph.readUsers(ids, { groupId });
      assert.deepEqual(
        read.map(({ userId }) => userId),
        ids,
      );
      const outcomes = read.map((one) => {
        if (one.found === 'yes') return one.inGroup;
        return one.found === 'no' ? one.removed : one.failure;
      });
      assert.deepEqual(outcomes, [true, true, false, 'soft', 'hard', 'hard']);
      const users = read.flatMap((one) => (one.found === 'yes' ? [one.user] : []));
      assert.deepEqual(
        users,
        [inside, nested, outside].map((id) => toUser(control().truthOf(tenantId, id))),
      );
    });

    it('reads more than a batch holds, without a group', async () => {
      const ids = living().map(({ id }) => id);
      assert.ok(ids.length > 100);
      const read = await graph.readUsers(ids);
      assert.deepEqual(
        read.map((one) => (one.found === 'yes' && one.inGroup === null ? one.userId : one)),
        ids,
      );
    });

    it('asks nothing for nobody', async () => assert.deepEqual(await graph.readUsers([]), []));

    it('tells throttled parts as failures that say how long to wait', async () => {
      // A tenant of its own: the client obeys, and would read this one no more for that long.
      const { tenant: other } = control().createTenant({ people: 3 });
      const [person] = control().truth(other.tenantId).users;
      control().setFaults({ graphError: { status: 429, share: 1, retryAfter: 42.5, path: LIST } });
      const [read] = await connect(credentialsOf(other)).readUsers([person!.id]);
      assert.equal(read?.found, 'failed');
      const failure = await failureOf(Promise.reject(read.failure));
      assert.deepEqual([failure.code, failure.retryable, failure.retryAfterMs], ['graph.throttled', true, 42_500]);
    });

    it('reads everyone although every third part is throttled', async () => {
      control().setFaults({ seed: 3, graphError: { status: 429, share: 0.3, retryAfter: 0.05, path: LIST } });
      const ids = living()
        .slice(0, 10)
        .map(({ id }) => id);
      const read = await graph.readUsers(ids);
      assert.deepEqual(
        read.map(({ found }) => found),
        ids.map(() => 'yes'),
      );
    });
  });

  describe('the MFA report', () => {
    it('gives a row for everyone who is reported, in small pages as in one', async () => {
      const { tenant: other } = control().createTenant({ people: 60, disabled: 5 });
      const client = connect(credentialsOf(other));
      const people = control().truth(other.tenantId).users;
      const pages = await collectPages(client.mfaPages({ pageSize: 25 }));
      assert.equal(pages.length, 3);
      assert.deepEqual(byId(pages.flatMap(({ rows }) => rows).map(toTruth)), byId(people.flatMap(toReported)));
      assert.deepEqual((await collectRows(client.mfaPages())).length, 55);
    });

    it('goes on where an earlier read stopped, and reads one row or none', async () => {
      const { tenant: other } = control().createTenant({ people: 10, disabled: 1 });
      const client = connect(credentialsOf(other));
      const [first] = await collectPages(client.mfaPages({ pageSize: 5 }));
      const rest = await collectRows(client.mfaPages({ resumeFrom: first!.nextLink! }));
      assert.equal(first!.rows.length + rest.length, 9);
      const { row } = await client.readMfa(rest[0]!.userId);
      assert.deepEqual({ ...row, reportedAt: null }, { ...rest[0], reportedAt: null });
      const disabled = control()
        .truth(other.tenantId)
        .users.find(({ accountEnabled }) => !accountEnabled);
      assert.equal((await client.readMfa(disabled!.id)).row, null);
    });

    it('rejects with graph.no-licence where the tenant has none', async () => {
      const { tenant: other } = control().createTenant({ people: 3, licence: 'none' });
      const { code, retryable } = await failureOf(collectPages(connect(credentialsOf(other)).mfaPages()));
      assert.deepEqual([code, retryable], ['graph.no-licence', false]);
    });

    it('rejects with graph.forbidden without the permission', async () => {
      const { tenant: other } = control().createTenant({ people: 3, permissions: ['User.Read.All'] });
      const { code } = await failureOf(collectPages(connect(credentialsOf(other)).mfaPages()));
      assert.equal(code, 'graph.forbidden');
    });

    it('rejects with graph.throttled and the wait, also where it is a fraction', async () => {
      const client = connect(credentialsOf(control().createTenant({ people: 3 }).tenant));
      control().setFaults({ graphError: { status: 429, share: 1, retryAfter: 2.128, path: REPORT } });
      const { code, retryable, retryAfterMs } = await failureOf(collectPages(client.mfaPages()));
      assert.deepEqual([code, retryable, retryAfterMs], ['graph.throttled', true, 2_128]);
    });
  });

  it('measures each call by what was asked and answered', async () => {
    await graph.countUsers();
    assert.match(await metrics.text(), /muster_graph_request_seconds_count\{[^}]*status="200"[^}]*\} [1-9]/);
  });
});

const byId = <T extends { userId: string }>(rows: readonly T[]): T[] =>
  [...rows].sort((left, right) => left.userId.localeCompare(right.userId));

const toUser = (person: Truth): DirectoryUser => {
  const { id: userId, accountEnabled, userType } = person;
  // The truth names its text fields by the simulator's list, which types cannot follow.
  const { userPrincipalName, displayName, givenName, surname, mail, jobTitle, department } =
    person as unknown as DirectoryUser;
  const names = { userPrincipalName, displayName, givenName, surname, mail, jobTitle, department };
  return { userId, ...names, accountEnabled, userType };
};

const toReported = ({ id, mfa }: Truth) => (mfa === null ? [] : [{ userId: id, ...mfa }]);
const asNull = (value: string | null, nothing: string): string | null => (value === nothing ? null : value);
const toTruth = (row: MfaRegistration) => ({
  userId: row.userId,
  methods: row.methodsRegistered,
  isMfaRegistered: row.isMfaRegistered,
  isMfaCapable: row.isMfaCapable,
  isPasswordlessCapable: row.isPasswordlessCapable,
  // Graph's word for no preference.
  preferredMethod: asNull(row.userPreferredMethodForSecondaryAuthentication, 'none'),
});
