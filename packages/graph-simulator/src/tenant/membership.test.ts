import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addMember, deleteGroup, dropMember, placeMember, restoreGroup } from './change-group.js';
import { deleteUser, placeUser, purgeUser } from './change-user.js';
import { createGroup } from './group.js';
import { flattenGroup, groupsAbove, pathFrom } from './membership.js';
import { createUser } from './seed-people.js';
import type { Tenant } from './tenant.js';
import { createEmptyTenant } from './tenant.js';

const emptyTenant = (groups: readonly string[]): Tenant => {
  const head = {
    id: 't',
    name: 'T',
    domain: 't.example',
    seed: 1,
    createdAt: 0,
    kind: 'workforce',
    licence: 'P1',
    clientId: 'c',
  } as const;
  const tenant = createEmptyTenant({ ...head, chosenGroupId: 'g0', nestedGroupIds: [] });
  for (const id of groups) tenant.groups.set(id, createGroup({ id, createdAt: 0, displayName: id, description: null }));
  return tenant;
};
const withUser = (tenant: Tenant, id: string) => placeUser(tenant, createUser({ id, createdAt: 0 }, `${id}@t.example`));

describe('membership', () => {
  it('is the same seen from above and from below, in any tangle of groups', () => {
    const ids = ['g0', 'g1', 'g2', 'g3', 'g4'];
    const edge = fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids, 'u'));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 15 }), (edges) => {
        const tenant = emptyTenant(ids);
        const user = withUser(tenant, 'u');
        for (const [groupId, memberId] of edges) addMember(tenant, { groupId, memberId, at: 0 });
        for (const id of ids) {
          const inside = flattenGroup(tenant, id).some((member) => member.id === 'u');
          const path = pathFrom(tenant, id, user.memberOf);
          assert.equal(groupsAbove(tenant, user.memberOf).has(id), inside);
          assert.equal(path.length > 0, inside);
          if (!inside) continue;
          assert.equal(path[0], id);
          assert.ok(user.memberOf.includes(path.at(-1)!));
          for (const [index, parent] of path.slice(0, -1).entries())
            assert.ok(tenant.groups.get(parent)!.index.has(path[index + 1]!), 'each step holds the next');
        }
      }),
    );
  });

  it('is nobody’s through a group in the bin, and is there again once that is restored', () => {
    const tenant = emptyTenant(['g0', 'g1']);
    const user = withUser(tenant, 'u');
    addMember(tenant, { groupId: 'g0', memberId: 'g1', at: 0 });
    addMember(tenant, { groupId: 'g1', memberId: 'u', at: 0 });
    const seen = () => [
      [...groupsAbove(tenant, user.memberOf)].sort(),
      pathFrom(tenant, 'g0', user.memberOf),
      flattenGroup(tenant, 'g0').some(({ id }) => id === 'u'),
    ];
    const whole = [['g0', 'g1'], ['g0', 'g1'], true];
    assert.deepEqual(seen(), whole);
    deleteGroup(tenant, tenant.groups.get('g1')!, 1);
    assert.deepEqual(seen(), [[], [], false]);
    restoreGroup(tenant, tenant.groups.get('g1')!, 2);
    assert.deepEqual(seen(), whole);
    deleteGroup(tenant, tenant.groups.get('g0')!, 3);
    assert.deepEqual(pathFrom(tenant, 'g0', user.memberOf), []);
  });

  it('stays with a soft-deleted person and ends with the purge, which the log tells', () => {
    const tenant = emptyTenant(['g0']);
    const user = withUser(tenant, 'u');
    placeMember(tenant, tenant.groups.get('g0')!, 'u');
    deleteUser(tenant, user, 1);
    assert.ok(tenant.groups.get('g0')!.index.has('u'));
    purgeUser(tenant, user, 2);
    assert.ok(!tenant.groups.get('g0')!.index.has('u'));
    const told = tenant.log.entries().map((change) => [change.version, change.type, change.at]);
    assert.deepEqual(told, [
      [1, 'user', 1],
      [2, 'member', 2],
      [3, 'user', 2],
    ]);
  });

  it('adds and drops only once', () => {
    const tenant = emptyTenant(['g0']);
    withUser(tenant, 'u');
    const both = (act: typeof addMember) => [1, 2].map((at) => act(tenant, { groupId: 'g0', memberId: 'u', at }));
    assert.deepEqual(
      [both(addMember), both(dropMember)],
      [
        [true, false],
        [true, false],
      ],
    );
    assert.equal(tenant.log.version(), 2);
  });
});
