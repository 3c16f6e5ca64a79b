import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createResources, testServers } from '@muster/test-support';
import { OPERATOR_KEY, bearer, newIntegration, startAdmin, type AdminHarness } from './admin-harness.js';
import { at, insertPerson, person } from './people-fixtures.js';

const operator = bearer(OPERATOR_KEY);

describe('the audit', () => {
  let admin: AdminHarness;
  before(async () => {
    const { mongodbUri, kafkaBrokers: brokers } = testServers();
    admin = await startAdmin({ resources: createResources('admin audit', mongodbUri), brokers });
  });
  after(() => admin.stop());

  it('integrations, people and plans are named by their ids; to a tenant admin those of the own tenant only', async () => {
    const [mine, other] = await Promise.all(
      ['Mine', 'Other'].map(async (name) => {
        const body = newIntegration({ name, tenantId: randomUUID() });
        const { body: made } = await admin.agent.post('/api/v1/integrations').set(operator).send(body).expect(201);
        const userId = randomUUID();
        await insertPerson(admin.store, person(made.tenantId, userId, { displayName: `Ada of ${name}` }));
        const planId = randomUUID();
        await admin.store.plans.save({
          ...{
            planId,
            integrationId: made.integrationId,
            tenantId: made.tenantId,
            groupId: null,
            reason: 'x',
            inScope: 9,
          },
          ...{ candidates: [{ userId, why: 'deleted', state: 'waiting' }], state: 'waiting' },
          ...{ createdAt: at(0), updatedAt: at(0), decidedAt: null, decidedBy: null },
        });
        const sync = `/api/v1/users/${userId}/sync?integrationId=${made.integrationId}`;
        const key = { name, role: 'tenant-admin', integrationId: made.integrationId };
        const { body: own } = await admin.agent.post('/api/v1/keys').set(operator).send(key).expect(201);
        await admin.agent.post(sync).set(bearer(own.key)).expect(409);
        await admin.agent.post(`/api/v1/integrations/${made.integrationId}/start`).set(operator).expect(200);
        await admin.agent
          .post(`/api/v1/plans/${planId}/refuse`)
          .set(operator)
          .send({ seenAt: at(0) })
          .expect(202);
        return { integrationId: made.integrationId as string, userId, planId, key: own.key as string };
      }),
    );
    const { body: all } = await admin.agent.get('/api/v1/audit').set(operator).expect(200);
    const toNames = ({ integrationId, userId, planId }: NonNullable<typeof mine>, names: Record<string, string>) =>
      [integrationId, userId, planId].map((id) => names[id]);
    assert.deepEqual(toNames(mine!, all.names), ['Mine', 'Ada of Mine', 'plan of 1 person']);
    assert.deepEqual(toNames(other!, all.names), ['Other', 'Ada of Other', 'plan of 1 person']);
    const { body: own } = await admin.agent.get('/api/v1/audit').set(bearer(mine!.key)).expect(200);
    assert.deepEqual(toNames(mine!, own.names), ['Mine', 'Ada of Mine', 'plan of 1 person']);
    assert.deepEqual(toNames(other!, own.names), [undefined, undefined, undefined]);
  });
});
