import type { Random } from '../random.js';
import { placeMember } from './change-group.js';
import type { Group } from './group.js';
import { createGroup } from './group.js';
import type { Tenant } from './tenant.js';

/** One person in five comes in through a nested group. */
const NESTED_SHARE = 0.2;

const shuffle = (slots: Uint32Array, random: Random) => {
  for (let last = slots.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [slots[last], slots[other]] = [slots[other] ?? 0, slots[last] ?? 0];
  }
};

/**
 * The nested groups hang below the chosen one as a list; from the third on there is a diamond (the third lies in
 * the first and the second), from the fourth on a cycle (the fourth holds the first, which holds it).
 */
const nestGroups = (tenant: Tenant, chosen: Group, nested: readonly Group[]) => {
  const [first, second, third, fourth, ...rest] = nested;
  const nest = (parent: Group | undefined, child: Group | undefined) => {
    if (parent !== undefined && child !== undefined) placeMember(tenant, parent, child.id);
  };
  nest(chosen, first);
  nest(chosen, second);
  nest(first, third);
  nest(second, third);
  nest(first, fourth);
  nest(fourth, first);
  for (const group of rest) nest(fourth, group);
};

/** Fills the chosen group with exactly `members` people, some of them through its nested groups. */
export const seedGroups = (
  tenant: Tenant,
  { random, members, at }: { random: Random; members: number; at: number },
): void => {
  const add = (id: string, displayName: string) => {
    const group = createGroup({ id, createdAt: at, displayName, description: null });
    tenant.groups.set(id, group);
    return group;
  };
  const chosen = add(tenant.chosenGroupId, `${tenant.name} product users`);
  const nested = tenant.nestedGroupIds.map((id, index) => add(id, `${tenant.name} team ${index + 1}`));
  nestGroups(tenant, chosen, nested);
  const order = Uint32Array.from(tenant.users.slots.keys());
  shuffle(order, random);
  for (const slot of order.subarray(0, members)) {
    const user = tenant.users.slots[slot];
    const within = nested.length > 0 && random.chance(NESTED_SHARE) ? nested[random.below(nested.length)] : chosen;
    if (user !== undefined) placeMember(tenant, within ?? chosen, user.id);
  }
};
