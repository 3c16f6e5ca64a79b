import assert from 'node:assert/strict';
import { createResources, makeCertificate, testServers } from '@muster/test-support';
import { toChange } from './people-fixtures.js';
import { connect, inGroup, operator, startWorld, type World } from './simulated-tenant.js';

const insertMfa = (tenantId: string, userId: string) => {
  const id = `${tenantId}/${userId}`;
  const at = new Date().toISOString();
  const document = {
    ...{ tenantId, userId, state: 'capable' as const, isMfaCapable: true, isMfaRegistered: true, stale: false },
    ...{ revision: 1, observedAt: at, changedAt: at },
  };
  return { kind: 'insert' as const, id, document: document as never, pending: { id, data: {} } as never };
};
const inAYear = new Date(Date.now() + 400 * 86_400_000).toISOString();

describe('setup as code and previews', () => {
  let world: World;
  before(async () => {
    world = await startWorld(createResources('admin apply', testServers().mongodbUri), testServers());
  });
  after(() => world.admin.stop());

  const agent = () => world.admin.agent;
  const apply = async (body: object | string, type = 'application/json') => {
    const { body: result, text } = await agent().post('/api/v1/apply').set(operator).type(type).send(body).expect(200);
    return { ...result, item: result.items[0], text };
  };
  const newTenant = () => {
    const { tenant } = world.simulator.control.createTenant({ people: 12, groupMembers: 6 });
    const { tenantId, clientId, clientSecret, groupId } = tenant;
    return { tenant, entry: { name: 'Contoso', tenantId, clientId, clientSecret, secretExpiresAt: inAYear, groupId } };
  };

  it('a file makes what is not there, and the same file again changes nothing; the secret is never told', async () => {
    const { entry } = newTenant();
    const file = { integrations: [{ ...entry, state: 'active' }] };
    const dry = await apply({ ...file, dryRun: true });
    assert.deepEqual([dry.item.outcome, dry.item.integrationId], ['created', null]);
    const first = await apply(file);
    assert.equal(first.item.outcome, 'created', first.text);
    const stored = (await world.admin.store.integrations.get(first.item.integrationId))!;
    assert.deepEqual([stored.state, stored.groupId], ['active', entry.groupId]);
    const again = await apply(file);
    assert.deepEqual([again.item.outcome, again.item.changes], ['unchanged', []]);
    const { revision } = (await world.admin.store.integrations.get(stored.integrationId))!;
    assert.equal(revision, stored.revision);
    for (const { text } of [dry, first, again]) assert.ok(!text.includes(String(entry.clientSecret)));
  });

  it('a key that may not start or pause by the routes for it may not by a file either', async () => {
    const { entry } = newTenant();
    const key = { name: 'writes', role: 'operator', scopes: ['read', 'write'] };
    const { body: made } = await agent().post('/api/v1/keys').set(operator).send(key).expect(201);
    const applyAs = async (integration: object) => {
      const as = { Authorization: `Bearer ${made.key}` };
      const { body } = await agent()
        .post('/api/v1/apply')
        .set(as)
        .send({ integrations: [integration] })
        .expect(200);
      return body.items[0];
    };
    const started = await applyAs({ ...entry, state: 'active' });
    assert.deepEqual([started.outcome, started.integrationId], ['refused', null]);
    assert.match(started.problem, /scope operate/);
    assert.equal((await applyAs(entry)).outcome, 'created');
    assert.equal((await applyAs({ tenantId: entry.tenantId, state: 'active' })).outcome, 'refused');
  });

  it('YAML does as well; fields that are left out stay', async () => {
    const { entry } = newTenant();
    await apply({ integrations: [entry] });
    const yaml = `version: 1\nintegrations:\n  - tenantId: ${entry.tenantId}\n    name: Renamed\n    groupId: null\n`;
    const { item } = await apply(yaml, 'application/yaml');
    assert.deepEqual([item.outcome, item.changes], ['changed', ['name', 'groupId']]);
    const stored = (await world.admin.store.integrations.get(item.integrationId))!;
    assert.deepEqual([stored.name, stored.groupId, stored.clientId], ['Renamed', null, entry.clientId]);
    const broken = await agent()
      .post('/api/v1/apply')
      .set(operator)
      .type('application/yaml')
      .send('a: [hush')
      .expect(400);
    assert.doesNotMatch(broken.text, /hush/);
  });

  it('a new secret is tried before anything changes', async () => {
    const { tenant, entry } = newTenant();
    const { item } = await apply({ integrations: [entry] });
    const wrong = await apply({ integrations: [{ ...entry, name: 'No', clientSecret: 'a-wrong-secret~value' }] });
    assert.deepEqual([wrong.ok, wrong.item.outcome], [false, 'refused']);
    assert.match(wrong.item.problem, /^Nothing was changed: The client secret is wrong\./);
    const before = (await world.admin.store.integrations.get(item.integrationId))!;
    assert.deepEqual([before.name, before.activeSlot], ['Contoso', 'a']);
    const { clientSecret } = world.simulator.control.addSecret(tenant.tenantId, tenant.clientId);
    const right = await apply({ integrations: [{ ...entry, clientSecret }] });
    assert.deepEqual(right.item.changes, ['clientSecret']);
    assert.equal((await world.admin.store.integrations.get(item.integrationId))!.activeSlot, 'b');
  });

  it('a certificate in place of a secret; the same file again changes nothing, another one is tried first', async () => {
    const { tenant, entry } = newTenant();
    const { clientSecret: _, secretExpiresAt: __, ...rest } = entry;
    const pem = await makeCertificate();
    const upload = (certificate: string) =>
      world.simulator.control.addCertificate(tenant.tenantId, tenant.clientId, {
        pem: certificate,
        displayName: 'one',
      });
    upload(pem.certificate);
    const file = { integrations: [{ ...rest, certificate: pem, state: 'active' }] };
    const first = await apply(file);
    assert.equal(first.item.outcome, 'created', first.text);
    assert.doesNotMatch(first.text, /PRIVATE/);
    assert.equal((await apply(file)).item.outcome, 'unchanged');
    const next = { integrations: [{ tenantId: entry.tenantId, certificate: await makeCertificate() }] };
    assert.equal((await apply(next)).item.outcome, 'refused', 'Entra does not know it');
    upload(next.integrations[0]!.certificate.certificate);
    assert.deepEqual((await apply(next)).item.changes, ['certificate']);
  });

  it('one that cannot be made is told with field and cure, the others are made', async () => {
    const [bad, good] = [newTenant().entry, newTenant().entry];
    const { ok, items } = await apply({ integrations: [{ tenantId: bad.tenantId, name: 'Half' }, good] });
    assert.equal(ok, false);
    assert.deepEqual(
      items.map(({ outcome }: { outcome: string }) => outcome),
      ['refused', 'created'],
    );
    assert.match(items[0].problem, /clientSecret is missing/);
    const twice = await agent()
      .post('/api/v1/apply')
      .set(operator)
      .send({ integrations: [good, good] })
      .expect(400);
    assert.match(twice.body.problems[0].problem, /comes twice/);
  });

  describe('preview', () => {
    const preview = async (url: string, body: object = {}) =>
      (await agent().post(`${url}/preview`).set(operator).send(body).expect(200)).body;

    it('before the first sync everyone in the group would be added, nested ones too', async () => {
      const { url, tenant } = await connect(world, {});
      const members = inGroup(world, tenant);
      const result = await preview(url);
      assert.deepEqual(
        [result.firstSync, result.inScope, result.gain.count, result.lose.count, result.people],
        [true, members.length, members.length, 0, 30],
      );
      const names = new Set(members.map(({ userPrincipalName }) => userPrincipalName));
      assert.ok(result.gain.sample.every((one: { userPrincipalName: string }) => names.has(one.userPrincipalName)));
    });

    it('a change of group tells who gains and who loses, by name; nothing is written', async () => {
      const { url, tenant } = await connect(world, {});
      const { tenantId } = tenant;
      const members = inGroup(world, tenant);
      const at = new Date().toISOString();
      await world.admin.store.users.write(
        members.map((one) => {
          const id = `${tenantId}/${one.id}`;
          const document = {
            ...{ tenantId, userId: one.id, userPrincipalName: one.userPrincipalName, displayName: one.displayName },
            ...{ givenName: null, surname: null, mail: null, jobTitle: null, department: null },
            ...{ accountEnabled: true, userType: one.userType, status: 'active' as const, ssoEnabled: true },
            ...{ inGroup: true, groupPath: [tenant.groupId], revision: 1, observedAt: at, changedAt: at },
          };
          return { kind: 'insert' as const, id, document, pending: toChange(document) };
        }),
      );
      const nested = members.filter(({ groupPath }) => groupPath.length > 1);
      const same = await preview(url);
      assert.deepEqual([same.firstSync, same.gain.count, same.lose.count], [false, 0, 0]);
      const narrower = await preview(url, { groupId: tenant.nestedGroupIds[0] });
      assert.equal(narrower.inScope, nested.length);
      assert.deepEqual([narrower.gain.count, narrower.lose.count], [0, members.length - nested.length]);
      const stay = new Set(nested.map(({ id }) => id));
      assert.ok(narrower.lose.sample.length > 0);
      assert.ok(narrower.lose.sample.every(({ userId }: { userId: string }) => !stay.has(userId)));
      const everyone = await preview(url, { groupId: null, includeGuests: false });
      const guests = world.simulator.control.truth(tenantId).users.filter(({ userType }) => userType === 'Guest');
      assert.equal(everyone.inScope, 30 - guests.length);
      for (const groupId of [tenant.groupId, null]) {
        const off = await preview(url, { groupId, features: { userSync: false, mfaVerification: true } });
        assert.deepEqual([off.lose.count, off.lose.sample.length], [members.length, Math.min(20, members.length)]);
      }
      const { body: kept } = await agent().get(url).set(operator).expect(200);
      assert.deepEqual([kept.groupId, kept.revision], [tenant.groupId, 1]);
    });

    it('a file in a dry run tells the same, and says so where it cannot be told', async () => {
      const { url, tenant } = await connect(world, {});
      const { tenantId } = tenant;
      const groupId = tenant.nestedGroupIds[0];
      const dry = await apply({ dryRun: true, integrations: [{ tenantId, groupId }] });
      assert.deepEqual([dry.item.outcome, dry.item.changes, dry.item.problem], ['changed', ['groupId'], null]);
      assert.deepEqual(dry.item.scope, await preview(url, { groupId }));
      assert.ok(dry.item.scope.gain.count > 0);
      const gone = await apply({
        dryRun: true,
        integrations: [{ tenantId, groupId: '88888888-8888-4888-8888-888888888888' }],
      });
      assert.deepEqual([gone.item.outcome, gone.item.scope], ['changed', null]);
      assert.match(gone.item.problem, /cannot be told: .*no group with this id/);
      assert.equal((await apply({ dryRun: true, integrations: [{ tenantId, name: 'Other' }] })).item.scope, null);
    });

    it('while Graph is away the preview is 503, to be tried again, and a dry run says that it cannot be told', async () => {
      const { url, tenant } = await connect(world, {});
      world.simulator.control.setFaults({ graphError: { status: 503, share: 1 } });
      try {
        const { headers, body } = await agent().post(`${url}/preview`).set(operator).send({}).expect(503);
        assert.ok(Number(headers['retry-after']) > 0);
        assert.match(body.detail, /Microsoft Graph does not answer/);
        const dry = await apply({ dryRun: true, integrations: [{ tenantId: tenant.tenantId, groupId: null }] });
        assert.deepEqual([dry.item.outcome, dry.item.scope], ['changed', null]);
        assert.match(dry.item.problem, /cannot be told/);
      } finally {
        world.simulator.control.setFaults({ graphError: null });
      }
    });

    it('MFA verification alone reads nobody: previewed with the right to the report only, and started', async () => {
      const over = { features: { userSync: false, mfaVerification: true }, groupId: null };
      const { url, tenant } = await connect(world, { plan: { permissions: ['AuditLog.Read.All'] }, over });
      const result = await preview(url);
      assert.deepEqual(
        [result.inScope, result.people, result.gain.count, result.lose.count, result.complete],
        [null, null, 0, 0, true],
      );
      assert.deepEqual(result.notes, [
        'MFA verification alone covers everyone whom Microsoft’s report names. Nobody is read by name, and signing in needs User Sync.',
      ]);
      const { tenantId } = tenant;
      const dry = await apply({ dryRun: true, integrations: [{ tenantId, includeGuests: false }] });
      assert.deepEqual([dry.item.problem, dry.item.scope], [null, result]);
      await agent().post(`${url}/start`).set(operator).expect(200);
    });

    it('MFA verification alone with a group: whom the report does not hold yet comes in, whom it holds may go', async () => {
      const features = { userSync: false, mfaVerification: true };
      const { url, tenant } = await connect(world, { over: { features }, plan: { disabled: 0 } });
      const { tenantId } = tenant;
      const members = inGroup(world, tenant);
      const [known] = members;
      const outsider = '77777777-7777-4777-8777-777777777777';
      await world.admin.store.mfa.write([known!.id, outsider].map((userId) => insertMfa(tenantId, userId)));
      const result = await preview(url);
      assert.deepEqual(
        [result.firstSync, result.inScope, result.gain.count, result.lose.count],
        [false, members.length, members.length - 1, 1],
      );
      assert.deepEqual(
        result.lose.sample.map(({ userId, displayName }: Record<string, unknown>) => [userId, displayName]),
        [[outsider, null]],
      );
      const [one, two] = members.slice(-2);
      world.simulator.control.updateUser(tenantId, one!.id, { accountEnabled: false });
      assert.equal((await preview(url)).gain.count, members.length - 2, 'the report has no disabled people');
      assert.ok(two);
    });

    it('a group that is not there, or a refused read, is told with its cure', async () => {
      const { url } = await connect(world, { plan: { permissions: ['AuditLog.Read.All'] } });
      const { body } = await agent().post(`${url}/preview`).set(operator).send({}).expect(409);
      assert.match(body.detail, /refuses this read.*Grant/);
      const good = await connect(world, {});
      const groupId = '88888888-8888-4888-8888-888888888888';
      const gone = await agent().post(`${good.url}/preview`).set(operator).send({ groupId }).expect(409);
      assert.match(gone.body.detail, /no group with this id/);
    });
  });
});
