import assert from 'node:assert/strict';
import { createResources, eventually, testServers } from '@muster/test-support';
import { createWorld, type ObservationFields, type Tenant, type World } from './world.js';

const ROWS = 4_000;
const SWEPT = 60;
const WITHIN = { within: 30_000, every: 50 };

describe('the projector, while the full read of a large tenant waits', () => {
  let world: World;
  before(async () => {
    const { kafkaBrokers, mongodbUri: server } = testServers();
    const { prefix, mongodbUri } = createResources('beside-full-reads', server);
    world = await createWorld({ kafkaBrokers, mongodbUri, prefix });
    await world.startProjector();
  });
  after(() => world.stop());

  const written = ({ settings: { tenantId } }: Tenant) => world.store.users.count({ tenantId });
  const people = (tenant: Tenant, count: number, source: 'full' | 'delta'): ObservationFields[] =>
    Array.from({ length: count }, () => {
      const user = tenant.addUser();
      return { type: 'user', userId: user.userId, user, source };
    });

  it('writes what the sweep of another tenant saw ahead of most of it', async () => {
    const [large, other] = [await world.addTenant(), await world.addTenant()];
    await large.observeAll(people(large, ROWS, 'full'));
    await eventually(async () => (await written(large)) > 0, { ...WITHIN, what: 'the full read is being written' });
    await other.observeAll(people(other, SWEPT, 'delta'));
    await eventually(async () => (await written(other)) === SWEPT, { ...WITHIN, what: 'all of the sweep is written' });
    const waiting = await world.lag('observations');
    assert.ok(waiting > ROWS / 4, `only ${waiting} of ${ROWS} rows still waited`);
  }).timeout(90_000);
});
