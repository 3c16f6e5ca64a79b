import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { compareWithTruth } from '../src/compare-with-truth.js';
import { connectTenant, type Connected } from '../src/connect-tenant.js';
import { startTestSystem, type System } from '../src/system.js';

const TENANTS = 100;
const CONNECTED_AT_ONCE = 8;
const SMALL = { people: 8, groupMembers: 5, nestedGroups: 0, guests: 0, disabled: 0 };
/**
 * A large one: SecantusDB stands still for half a minute when a page of its cache that is read all the time grows faster
 * than it can be written away, as that of 300 people does at 50 changes a second.
 */
const STORMING = { ...SMALL, people: 3_000, groupMembers: 2_500 };
const STORM_PER_SECOND = 50;
const STORM_EVERY_MS = 50;
/** Within this, everybody else's change must be seen, whatever two of the tenants do. */
const FRESH_WITHIN = { within: 30_000, every: 500 };

/** One deployment, many tenants: what one does is no other's affair. */
describe(`${TENANTS} integrations side by side`, () => {
  let system: System;
  let storming: Connected;
  let broken: Connected;
  let others: Connected[];
  let counter = 0;

  before(async function () {
    this.timeout(400_000);
    system = await startTestSystem({ label: 'many-tenants', env: { GROUP_DELTA_EVERY: '1m' } });
    const connected: Connected[] = [];
    const lane = async (): Promise<void> => {
      while (connected.length < TENANTS) {
        const place = connected.push(undefined as never) - 1;
        connected[place] = await connectTenant(system, place === 0 ? STORMING : SMALL);
      }
    };
    await Promise.all(Array.from({ length: CONNECTED_AT_ONCE }, lane));
    [storming, broken, ...others] = connected as [Connected, Connected, ...Connected[]];
  });
  after(() => system.stop());

  const members = async ({ tenant }: Connected) =>
    (await system.simulator.truth(tenant.tenantId)).filter((one) => one.inGroup && one.deletedDateTime === null);
  const change = ({ tenant }: Connected, id: string, fields: object): Promise<unknown> =>
    system.simulator.call('PATCH', `/tenants/${tenant.tenantId}/users/${id}`, fields);
  const changeOne = async (connected: Connected): Promise<void> => {
    const [someone] = await members(connected);
    await change(connected, someone!.id, { department: `Department ${counter}` });
  };
  const wrongOf = ({ tenant }: Connected): Promise<string[]> =>
    compareWithTruth(system.store, system.simulator, tenant);
  /** In a row, and only at those who were not true at the last look, so that the looks themselves are no storm. */
  const createLook = (some: readonly Connected[]) => {
    let open = [...some];
    return async (): Promise<boolean> => {
      const wrong: string[] = [];
      const still: Connected[] = [];
      for (const one of open) {
        const found = await wrongOf(one);
        if (found.length > 0) still.push(one);
        wrong.push(...found);
      }
      open = still;
      assert.deepEqual(wrong, []);
      return true;
    };
  };
  const statusOf = async ({ integrationId }: Connected) =>
    (await system.admin.get('/status')).integrations.find((one: any) => one.integrationId === integrationId);
  /** Changes people of the group, one after the other, until it is ended; answers how many. */
  const storm = async (ended: AbortSignal): Promise<number> => {
    const people = await members(storming);
    const began = performance.now();
    let changes = 0;
    while (!ended.aborted) {
      const due = Math.floor(((performance.now() - began) / 1_000) * STORM_PER_SECOND) - changes;
      const named = Array.from({ length: due }, (_, index) => people[(changes + index) % people.length]!);
      await Promise.all(named.map(({ id }, index) => change(storming, id, { jobTitle: `Storm ${changes + index}` })));
      changes += due;
      await new Promise((resolve) => setTimeout(resolve, STORM_EVERY_MS));
    }
    return changes;
  };
  const changeOthers = async (): Promise<void> => {
    counter += 1;
    for (const other of others) await changeOne(other);
    const since = performance.now();
    await eventually(createLook(others), { ...FRESH_WITHIN, what: 'the pictures of all others are true' });
    console.log(`      all others true ${Math.round(performance.now() - since)} ms after the last change`);
  };

  it('a storm of one and the broken secret of another leave the rest fresh; the secret is told, and heals by itself', async () => {
    const { tenantId } = broken.tenant;
    const refused = [
      { type: 'expiredSecret', tenantId },
      { type: 'error', status: 401, code: 'InvalidAuthenticationToken', tenantId },
    ];
    await system.simulator.call('PUT', '/faults', { rules: refused });
    const calm = new AbortController();
    const began = performance.now();
    const stormed = storm(calm.signal);
    await changeOne(broken);
    const told = await eventually(
      async () => {
        const status = await statusOf(broken);
        return status.quarantined.length > 0 && status;
      },
      { within: 60_000, every: 500, what: 'the broken one is in quarantine' },
    );
    assert.equal(told.quarantined[0].failure.code, 'token.refused');
    assert.ok(
      told.notices.some(({ text }: { text: string }) => /In quarantine since/.test(text)),
      JSON.stringify(told.notices),
    );
    for (let round = 0; round < 3; round += 1) await changeOthers();
    const quarantined = (await system.admin.get('/status')).integrations.filter(
      (one: any) => one.quarantined.length > 0 && one.integrationId !== storming.integrationId,
    );
    assert.deepEqual(
      quarantined.map(({ integrationId }: any) => integrationId),
      [broken.integrationId],
    );

    await system.simulator.call('DELETE', '/faults');
    calm.abort();
    const changes = await stormed;
    console.log(`      ${Math.round((changes * 1_000) / (performance.now() - began))} changes a second in the storm`);
    const isTrue = createLook([broken, storming]);
    const healed = async (): Promise<boolean> => (await isTrue()) && (await statusOf(broken)).quarantined.length === 0;
    await eventually(healed, { within: 180_000, every: 1_000, what: 'the broken one is well again, by itself' });
  }).timeout(500_000);
});
