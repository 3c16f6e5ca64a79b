import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import { SERVICES } from '@muster/scripts';
import { compareWithTruth } from './src/compare-with-truth.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { startTestSystem, type System } from './src/system.js';

describe('a service that is killed', () => {
  let system: System;
  let connected: Connected;
  let counter = 0;

  before(async () => {
    system = await startTestSystem({ label: 'restarts' });
    connected = await connectTenant(system, { people: 60, groupMembers: 40, nestedGroups: 1 });
  });
  after(() => system.stop());

  /** Changes everyone in the group, one by one, so that some changes fall into every moment of the outage. */
  async function changeEveryone(): Promise<void> {
    counter += 1;
    const truth = await system.simulator.truth(connected.tenant.tenantId);
    for (const user of truth.filter(({ inGroup, deletedDateTime }) => inGroup && deletedDateTime === null))
      await system.simulator.call('PATCH', `/tenants/${connected.tenant.tenantId}/users/${user.id}`, {
        department: `Department ${counter}`,
      });
  }

  for (const service of SERVICES)
    it(`loses nothing: ${service}, by kill -9 while people change`, async () => {
      const changing = changeEveryone();
      const killed = system.kill(service);
      await changing;
      await eventually(() => system.pidOf(service) !== killed && system.isReady(service), {
        within: 45_000,
        what: `${service} is ready again`,
      });
      await changeEveryone();
      await eventually(
        async () => {
          const wrong = await compareWithTruth(system.store, system.simulator, connected.tenant);
          assert.deepEqual(wrong, []);
          return true;
        },
        { within: 60_000, every: 500, what: 'the documents equal the directory' },
      );
    });
});
