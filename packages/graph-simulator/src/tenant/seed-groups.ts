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

export type NestShape = {
  /** The third lies in the first and in the second. */
  readonly diamond: boolean;
  /** The last holds the first, which holds it. */
  readonly cycle: boolean;
};

/** The first two lie in the chosen group, all others below those; no group is outside. */
const nestGroups = (
  tenant: Tenant,
  chosen: Group,
  { nested, shape }: { nested: readonly Group[]; shape: NestShape },
) => {
  const [first, second, third, fourth, ...rest] = nested;
  const nest = (parent: Group | undefined, child: Group | undefined) => {
    if (parent !== undefined && child !== undefined) placeMember(tenant, parent, child.id);
  };
  nest(chosen, first);
  nest(chosen, second);
  nest(first, third);
  if (shape.diamond) nest(second, third);
  nest(first, fourth);
  for (const group of rest) nest(fourth, group);
  const last = fourth ?? second;
  if (shape.cycle && last !== undefined) {
    if (last === second) nest(first, last);
    nest(last, first);
  }
};

/** Fills the chosen group with exactly `members` people, some of them through its nested groups. */
export const seedGroups = (
  tenant: Tenant,
  { random, members, shape, at }: { random: Random; members: number; shape: NestShape; at: number },
): void => {
  const add = (id: string, displayName: string) => {
    const group = createGroup({ id, createdAt: at, displayName, description: null });
    tenant.groups.set(id, group);
    return group;
  };
  const chosen = add(tenant.chosenGroupId, `${tenant.name} product users`);
  const nested = tenant.nestedGroupIds.map((id, index) => add(id, `${tenant.name} team ${index + 1}`));
  nestGroups(tenant, chosen, { nested, shape });
  const order = Uint32Array.from(tenant.users.slots.keys());
  shuffle(order, random);
  for (const slot of order.subarray(0, members)) {
    const user = tenant.users.slots[slot];
    const within = nested.length > 0 && random.chance(NESTED_SHARE) ? nested[random.below(nested.length)] : chosen;
    if (user !== undefined) placeMember(tenant, within ?? chosen, user.id);
  }
};
