import assert from 'node:assert/strict';
import { syncRequest } from '@muster/contracts';
import { toSecretContext } from '@muster/store';
import { createResources, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';

const testRun = (label: string) => ({
  resources: createResources(label, testServers().mongodbUri),
  brokers: testServers().kafkaBrokers,
});

const operator = bearer(OPERATOR_KEY);
const at = '/api/v1/integrations';
let tenants = 0;
const freshTenant = (): string => `33333333-3333-4333-8333-${String((tenants += 1)).padStart(12, '0')}`;

describe('integrations by API', function () {
  let admin: AdminHarness;
  before(async () => {
    admin = await startAdmin({ ...testRun('admin integrations') });
  });
  after(() => admin.stop());

  const create = async (over: object = {}): Promise<{ integrationId: string; tenantId: string }> => {
    const body = newIntegration({ tenantId: freshTenant(), ...over });
    const { body: answer } = await admin.agent.post(at).set(operator).send(body).expect(201);
    return answer;
  };
  const requests = async (integrationId: string) => {
    const events = await admin.eventLog.readNewest('requests', 100);
    return events
      .map(({ value }) => syncRequest.parse(JSON.parse(value?.toString() ?? '')))
      .filter((request) => request.integrationId === integrationId)
      .map(({ type }) => type)
      .sort();
  };

  it('a draft is created sealed, with Location, ETag and the hint only', async () => {
    const body = newIntegration({ tenantId: freshTenant() });
    const response = await admin.agent.post(at).set(operator).send(body).expect(201);
    assert.equal(response.body.state, 'draft');
    assert.equal(response.headers.location, `${at}/${response.body.integrationId}`);
    assert.equal(response.headers.etag, '"1"');
    assert.deepEqual([response.body.secret.hint, response.body.remarks], ['9876', []]);
    assert.ok(!response.text.includes('client-secret') && !response.text.includes('sealed'), response.text);
    const stored = await admin.store.integrations.get(response.body.integrationId);
    const slot = stored!.secrets[0]!;
    assert.ok(!JSON.stringify(stored).includes('abc~DEF'));
    assert.equal(
      admin.sealer.open(slot.sealed, toSecretContext(stored!.integrationId, slot.slot)),
      'abc~DEF-the-client-secret-9876',
    );
  });

  it('a secret that ends in less than a year is remarked on, one that has ended is refused', async () => {
    const in30Days = new Date(Date.now() + 30.5 * 86_400_000).toISOString();
    const body = newIntegration({ tenantId: freshTenant(), secretExpiresAt: in30Days });
    const { body: answer } = await admin.agent.post(at).set(operator).send(body).expect(201);
    assert.match(answer.remarks[0], /expires in 30 days/);
    const past = newIntegration({ tenantId: freshTenant(), secretExpiresAt: '2020-01-01T00:00:00Z' });
    const { body: problem } = await admin.agent.post(at).set(operator).send(past).expect(400);
    assert.deepEqual([problem.problems[0].field, problem.problems[0].problem], ['secretExpiresAt', 'is in the past']);
  });

  it("the secret's id in place of its value is recognised", async () => {
    const body = newIntegration({ clientSecret: '44444444-4444-4444-8444-444444444444' });
    const response = await admin.agent.post(at).set(operator).send(body).expect(400);
    assert.match(response.headers['content-type'] ?? '', /^application\/problem\+json/);
    const [problem] = response.body.problems;
    assert.equal(problem.field, 'clientSecret');
    assert.match(problem.cure, /Paste the secret's Value/);
  });

  it('every bad field is named at once, unknown ones too', async () => {
    const body = { ...newIntegration(), tenantId: 'contoso', colour: 'red', name: undefined };
    const { body: problem } = await admin.agent.post(at).set(operator).send(body).expect(400);
    const fields = problem.problems.map(({ field }: { field: string }) => field).sort();
    assert.deepEqual(fields, ['colour', 'name', 'tenantId']);
    assert.equal(problem.instance, at);
  });

  it('a tenant that has an integration gets no second one until it is removed', async () => {
    const { integrationId, tenantId } = await create();
    const { body: problem } = await admin.agent.post(at).set(operator).send(newIntegration({ tenantId })).expect(409);
    assert.equal(problem.problems[0].field, 'tenantId');
    await admin.agent.delete(`${at}/${integrationId}`).set(operator).expect(204);
    const { body: list } = await admin.agent.get(at).set(operator).expect(200);
    assert.ok(!list.items.some((item: { integrationId: string }) => item.integrationId === integrationId));
    await create({ tenantId });
  });

  it('an edit needs the revision that was read; a second editor is told', async () => {
    const { integrationId } = await create();
    const url = `${at}/${integrationId}`;
    await admin.agent.patch(url).set(operator).send({ name: 'A' }).expect(428);
    const first = await admin.agent.patch(url).set(operator).set('If-Match', '"1"').send({ name: 'A' }).expect(200);
    assert.deepEqual([first.headers.etag, first.body.name], ['"2"', 'A']);
    await admin.agent.patch(url).set(operator).set('If-Match', '"1"').send({ name: 'B' }).expect(412);
    const { body: kept } = await admin.agent.get(url).set(operator).expect(200);
    assert.equal(kept.name, 'A');
  });

  it('a new secret needs its expiry, takes the free slot and is in use', async () => {
    const { integrationId } = await create();
    const url = `${at}/${integrationId}`;
    const alone = await admin.agent
      .patch(url)
      .set(operator)
      .set('If-Match', '"1"')
      .send({ clientSecret: 'another-secret-1' });
    assert.deepEqual([alone.status, alone.body.problems[0].field], [400, 'secretExpiresAt']);
    const secretExpiresAt = new Date(Date.now() + 500 * 86_400_000).toISOString();
    const edit = { clientSecret: 'another-secret-1234', secretExpiresAt };
    const { body } = await admin.agent.patch(url).set(operator).set('If-Match', '"1"').send(edit).expect(200);
    assert.equal(body.secret.hint, '1234');
    const stored = await admin.store.integrations.get(integrationId);
    assert.deepEqual([stored!.secrets.length, stored!.activeSlot], [2, 'b']);
  });

  it('the first start asks for full reads; after a pause a sweep is enough', async () => {
    const { integrationId } = await create();
    const url = `${at}/${integrationId}`;
    await admin.agent.post(`${url}/pause`).set(operator).expect(409);
    const { body } = await admin.agent.post(`${url}/start`).set(operator).expect(200);
    assert.equal(body.state, 'active');
    assert.deepEqual(await requests(integrationId), ['mfa', 'users']);
    await admin.agent.post(`${url}/pause`).set(operator).expect(200);
    await admin.agent.post(`${url}/reconcile`).set(operator).send({ kind: 'users' }).expect(409);
    await admin.agent.post(`${url}/start`).set(operator).expect(200);
    assert.deepEqual(await requests(integrationId), ['mfa', 'sweep', 'users']);
    // The coverage ledger has to know that nothing was read in between.
    const { startedAt, resumedAt } = (await admin.store.integrations.get(integrationId))!;
    assert.ok(resumedAt && startedAt && resumedAt > startedAt);
  });

  it('a change of group of a running integration asks for reads, a change of name does not', async () => {
    const { integrationId } = await create();
    const url = `${at}/${integrationId}`;
    await admin.agent.post(`${url}/start`).set(operator).expect(200);
    await admin.agent.patch(url).set(operator).set('If-Match', '"2"').send({ name: 'B' }).expect(200);
    assert.equal((await requests(integrationId)).length, 2);
    const groupId = '55555555-5555-4555-8555-555555555555';
    await admin.agent.patch(url).set(operator).set('If-Match', '"3"').send({ groupId }).expect(200);
    assert.deepEqual(await requests(integrationId), ['mfa', 'mfa', 'users', 'users']);
  });

  it('a reconcile is asked for in Kafka, with who asked by id', async () => {
    const { integrationId, tenantId } = await create();
    await admin.agent.post(`${at}/${integrationId}/start`).set(operator).expect(200);
    await admin.agent.post(`${at}/${integrationId}/reconcile`).set(operator).send({ kind: 'sweep' }).expect(202);
    const [newest] = await admin.eventLog.readNewest('requests', 1);
    assert.equal(newest!.key, tenantId);
    const request = syncRequest.parse(JSON.parse(newest!.value!.toString()));
    assert.deepEqual(
      [request.type, request.integrationId, request.requestedBy],
      ['sweep', integrationId, 'key bootstrap'],
    );
  });

  it('of MFA Verification alone the cheapest read is the report, for a sweep reads people', async () => {
    const { integrationId } = await create({ features: { userSync: false, mfaVerification: true } });
    await admin.agent.post(`${at}/${integrationId}/start`).set(operator).expect(200);
    const ask = admin.agent.post(`${at}/${integrationId}/reconcile`).set(operator).send({ kind: 'sweep' });
    assert.deepEqual((await ask.expect(202)).body, { integrationId, kind: 'mfa' });
    assert.deepEqual(await requests(integrationId), ['mfa', 'mfa']);
  });
});
