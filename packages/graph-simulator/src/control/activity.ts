import type { Cancel, Clock } from '../clock.js';
import type { Random } from '../random.js';
import { createRandom } from '../random.js';
import type { Settings } from '../settings.js';
import { addMember, dropMember } from '../tenant/change-group.js';
import { addUser, deleteUser, restoreUser, setMfa, updateUser } from '../tenant/change-user.js';
import { DEPARTMENTS, TITLES, inventUser, pickMfa } from '../tenant/seed-people.js';
import type { Tenant } from '../tenant/tenant.js';
import type { Mfa, User, UserFields } from '../tenant/user.js';
import { NO_MFA } from '../tenant/user.js';
import { pickName } from '../tenant/names.js';
import type { Activity } from './schemas.js';

type Scene = { readonly tenant: Tenant; readonly random: Random; readonly at: number; readonly reportDelay: number };
/** Answers whether the directory is another one now. */
type Act = (scene: Scene, user: User) => boolean;

const join: Act = ({ tenant, random, at, reportDelay }) => {
  const user = addUser(tenant, inventUser(tenant, { random, at, guest: random.chance(0.1) }));
  if (random.chance(0.5)) addMember(tenant, { groupId: tenant.chosenGroupId, memberId: user.id, at });
  if (random.chance(0.5)) setMfa(user, pickMfa(random), { at, reportDelay });
  return true;
};

const update =
  (pick: (random: Random, user: User) => Partial<UserFields>): Act =>
  ({ tenant, random, at }, user) =>
    updateUser(tenant, user, { fields: pick(random, user), at }).length > 0;

const register =
  (pick: (random: Random) => Mfa): Act =>
  ({ random, at, reportDelay }, user) => {
    setMfa(user, pick(random), { at, reportDelay });
    return true;
  };

const leave: Act = ({ tenant, at }, user) => {
  deleteUser(tenant, user, at);
  return true;
};

const pickNames = (random: Random): Partial<UserFields> => {
  const { display, given, family } = pickName(random);
  return { displayName: display, givenName: given, surname: family };
};

/** What happens to people, and how often in relation to the rest. */
const LIFE: readonly (readonly [number, Act])[] = [
  [2, join],
  [5, update((random) => ({ jobTitle: random.pick(TITLES) }))],
  [5, update((random) => ({ department: random.pick(DEPARTMENTS) }))],
  [2, update(pickNames)],
  [2, update((_random, user) => ({ accountEnabled: !user.accountEnabled }))],
  [2, ({ tenant, at }, user) => dropMember(tenant, { groupId: tenant.chosenGroupId, memberId: user.id, at })],
  [3, ({ tenant, at }, user) => addMember(tenant, { groupId: tenant.chosenGroupId, memberId: user.id, at })],
  [1, leave],
  [3, register(pickMfa)],
  [1, register(() => NO_MFA)],
];
const TOTAL = LIFE.reduce((sum, [weight]) => sum + weight, 0);

const pickAct = (random: Random): Act => {
  let left = random.below(TOTAL);
  for (const [weight, act] of LIFE) {
    if (left < weight) return act;
    left -= weight;
  }
  return join;
};

const pickUser = ({ tenant: { users }, random }: Scene): User | undefined => {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const user = users.slots[random.below(users.slots.length)];
    if (user !== undefined) return user;
  }
  return undefined;
};

/** Something may happen in the tenant, and answers whether it did. Someone who was deleted comes back in one case of two. */
export const liveOnce = (scene: Scene): boolean => {
  const { tenant, random, at } = scene;
  const user = pickUser(scene);
  if (user === undefined) return false;
  if (user.deletedAt === null) return pickAct(random)(scene, user);
  if (!random.chance(0.5) || tenant.users.byName.has(user.userPrincipalName.toLowerCase())) return false;
  restoreUser(tenant, user, at);
  return true;
};

const STEP = 50;
/** An empty tenant has nobody to whom anything could happen. */
const MAX_TRIES = 50;

export type Life = {
  /** With the changes that it has made in this process. */
  readonly activity: () => Activity & { changes: number };
  readonly set: (activity: Activity) => void;
  /** Ends it in this process; the rate stays as it was, for the next one. */
  readonly stop: () => void;
};

/** Random life at a rate of changes; their number follows the time that passed, not the number of ticks. */
export const createLife = (
  tenant: Tenant,
  { clock, settings, onAct }: { clock: Clock; settings: Settings; onAct: () => void },
): Life => {
  let activity: Activity = { perSecond: 0, seed: 1 };
  let cancel: Cancel = () => undefined;
  let changes = 0;
  const change = (scene: Scene) => {
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      if (!liveOnce(scene)) continue;
      changes += 1;
      onAct();
      return;
    }
  };
  const run = (random: Random, since: number, owed: number) => {
    cancel = clock.after(STEP, () => {
      const at = clock.now();
      let due = owed + (Math.min(at - since, 1_000) * activity.perSecond) / 1000;
      for (; due >= 1; due -= 1) change({ tenant, random, at, reportDelay: settings.lifetimes.reportDelay });
      run(random, at, due);
    });
  };
  return {
    activity: () => ({ ...activity, changes }),
    stop: () => cancel(),
    set: (next) => {
      cancel();
      activity = next;
      // Who was ever here is part of the seed: started again, life goes on and does not repeat itself.
      const seed = `activity/${next.seed}/${tenant.id}/${tenant.users.slots.length}`;
      if (next.perSecond > 0) run(createRandom(seed), clock.now(), 0);
    },
  };
};
