import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createResources, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';
import { insertPerson, person } from './people-fixtures.js';

const operator = bearer(OPERATOR_KEY);

describe('people of a removed integration', () => {
  let admin: AdminHarness;
  before(async () => {
    const { kafkaBrokers: brokers, mongodbUri } = testServers();
    admin = await startAdmin({ resources: createResources('admin removed', mongodbUri), brokers });
  });
  after(() => admin.stop());

  const create = async (tenantId: string): Promise<string> => {
    const body = newIntegration({ tenantId });
    const answer = await admin.agent.post('/api/v1/integrations').set(operator).send(body).expect(201);
    return answer.body.integrationId;
  };
  const start = (id: string) => admin.agent.post(`/api/v1/integrations/${id}/start`).set(operator).expect(200);
  const get = (path: string) => admin.agent.get(`/api/v1${path}`).set(operator);
  const listed = async (query = ''): Promise<string[]> =>
    (await get(`/users${query}`).expect(200)).body.items.map(({ displayName }: { displayName: string }) => displayName);

  it('are in no answer, until a new integration of the tenant was started', async () => {
    const [removedTenant, otherTenant] = [randomUUID(), randomUUID()];
    const removed = await create(removedTenant);
    await start(removed);
    await start(await create(otherTenant));
    const zelda = person(removedTenant, randomUUID(), { displayName: 'Zelda' });
    await insertPerson(admin.store, zelda);
    await insertPerson(admin.store, person(otherTenant, randomUUID(), { displayName: 'Bert' }));
    assert.deepEqual((await listed()).toSorted(), ['Bert', 'Zelda']);
    await admin.agent.delete(`/api/v1/integrations/${removed}`).set(operator).expect(204);

    assert.deepEqual(await listed(), ['Bert']);
    assert.deepEqual(await listed('?mfa=unknown&status=active'), ['Bert']);
    assert.doesNotMatch((await get('/users/export').expect(200)).text, /Zelda/);
    for (const query of ['', `?integrationId=${removed}`])
      for (const path of ['', '/explain', '/history']) {
        const { status, text } = await get(`/users/${zelda.userId}${path}${query}`);
        // Without a name of the integration, somebody whom nobody knows is asked about.
        if (path !== '/explain' || query !== '') assert.equal(status, 404, path + query);
        assert.doesNotMatch(text, /ssoEnabled|May sign in/);
      }
    const { body } = await get(`/users?integrationId=${removed}`).expect(404);
    assert.match(body.detail, /was removed/);

    const at = new Date().toISOString();
    const planId = randomUUID();
    await admin.store.plans.save({
      ...{ planId, integrationId: removed, tenantId: removedTenant, groupId: null, reason: 'too many', inScope: 9 },
      candidates: [{ userId: zelda.userId, why: 'deleted', state: 'superseded' }],
      ...{ state: 'done', createdAt: at, updatedAt: at, decidedAt: null, decidedBy: null },
    });
    const { items } = (await get(`/plans/${planId}/people`).expect(200)).body;
    assert.deepEqual([items[0].userId, items[0].displayName], [zelda.userId, null]);

    // A draft has none yet: what there is was the removed integration's.
    const again = await create(removedTenant);
    assert.deepEqual([await listed(), await listed(`?integrationId=${again}`)], [['Bert'], []]);
    const named = `?integrationId=${again}`;
    assert.doesNotMatch((await get(`/users/export${named}`).expect(200)).text, /Zelda/);
    for (const path of ['', '/history']) await get(`/users/${zelda.userId}${path}${named}`).expect(404);
    const told = (await get(`/users/${zelda.userId}/explain${named}`).expect(200)).body;
    assert.deepEqual([told.inScope, told.revision], [null, null]);
    const { integrations } = (await get('/status').expect(200)).body;
    const counted = integrations.find(({ integrationId }: { integrationId: string }) => integrationId === again);
    assert.deepEqual([counted.people.active, counted.people.ssoEnabled], [0, 0]);

    await start(again);
    assert.deepEqual((await listed()).toSorted(), ['Bert', 'Zelda']);
    assert.deepEqual(await listed(`?integrationId=${again}`), ['Zelda']);
  });
});
