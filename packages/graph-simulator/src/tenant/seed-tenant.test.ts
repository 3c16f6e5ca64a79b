import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countTenant, listTruth } from '../control/describe.js';
import { flattenGroup } from './membership.js';
import type { TenantPlan } from './seed-tenant.js';
import { seedTenant } from './seed-tenant.js';

const PLAN: TenantPlan = {
  tenantId: '11111111-1111-4111-8111-111111111111',
  name: 'Contoso',
  seed: 1,
  people: 500,
  groupMembers: 350,
  nestedGroups: 1,
  cycle: true,
  diamond: true,
  guests: 25,
  disabled: 20,
  mfaShare: 0.75,
  domain: 'contoso.onmicrosoft.example',
  kind: 'workforce',
  licence: 'P1',
  permissions: ['User.Read.All'],
  secretDays: 180,
};
const everyone = { skip: 0, top: Infinity };

describe('seeding a tenant', () => {
  it('gives exactly the people asked for, whatever the numbers', () => {
    const share = fc.integer({ min: 0, max: 60 });
    fc.assert(
      fc.property(
        fc.integer(),
        share,
        share,
        share,
        share,
        fc.integer({ min: 0, max: 7 }),
        (...[seed, people, members, guests, disabled, nestedGroups]) => {
          const limit = (wanted: number) => Math.min(wanted, people);
          const plan = {
            ...PLAN,
            seed,
            people,
            groupMembers: limit(members),
            guests: limit(guests),
            disabled: limit(disabled),
          };
          const counts = countTenant(seedTenant({ ...plan, nestedGroups }, 0));
          assert.deepEqual(counts, {
            users: people,
            deleted: 0,
            guests: plan.guests,
            disabled: plan.disabled,
            inGroup: plan.groupMembers,
            mfaRegistered: Math.round(people * 0.75),
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives the same tenant for the same plan, and another for another seed', () => {
    const [first, again, other] = [PLAN, PLAN, { ...PLAN, seed: 2 }].map((plan) => seedTenant(plan, 0));
    assert.deepEqual(listTruth(first!, everyone), listTruth(again!, everyone));
    assert.deepEqual(first!.apps, again!.apps);
    assert.notDeepEqual(listTruth(first!, everyone), listTruth(other!, everyone));
  });

  it('lets some members in through the nested group only', () => {
    const tenant = seedTenant(PLAN, 0);
    const [nestedGroupId] = tenant.nestedGroupIds;
    const nested = flattenGroup(tenant, nestedGroupId!);
    const throughNested = listTruth(tenant, everyone).users.filter(({ groupPath }) => groupPath.length === 2);
    assert.ok(nested.length > 20);
    assert.deepEqual(throughNested.map(({ id }) => id).sort(), nested.map(({ id }) => id).sort());
    for (const { groupPath } of throughNested) assert.deepEqual(groupPath, [tenant.chosenGroupId, nestedGroupId]);
  });

  it('never gives a sign-in name twice, and only names that need no escaping for members', () => {
    const { users } = listTruth(seedTenant({ ...PLAN, people: 5_000 }, 0), everyone);
    const names = users.map((user) => String((user as { userPrincipalName?: unknown }).userPrincipalName));
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, 5_000);
    for (const name of names.filter((one) => !one.includes('#EXT#'))) assert.match(name, /^[a-z.]+\d*@[a-z.]+$/);
  });
});
