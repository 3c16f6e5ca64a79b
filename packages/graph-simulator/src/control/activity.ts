import type { Cancel, Clock } from '../clock.js';
import type { Random } from '../random.js';
import { createRandom } from '../random.js';
import type { Settings } from '../settings.js';
import { addMember, dropMember } from '../tenant/change-group.js';
import { addUser, deleteUser, restoreUser, setMfa, updateUser } from '../tenant/change-user.js';
import { DEPARTMENTS, TITLES, inventUser, pickMfa } from '../tenant/seed-people.js';
import type { Tenant } from '../tenant/tenant.js';
import type { User } from '../tenant/user.js';
import { NO_MFA } from '../tenant/user.js';
import { pickName } from '../tenant/names.js';
import type { Activity } from './schemas.js';

type Scene = { readonly tenant: Tenant; readonly random: Random; readonly at: number; readonly reportDelay: number };
type Act = (scene: Scene, user: User) => void;

const join: Act = ({ tenant, random, at, reportDelay }) => {
  const user = addUser(tenant, inventUser(tenant, { random, at, guest: random.chance(0.1) }));
  if (random.chance(0.5)) addMember(tenant, { groupId: tenant.chosenGroupId, memberId: user.id, at });
  if (random.chance(0.5)) setMfa(user, pickMfa(random), { at, reportDelay });
};

const rename: Act = ({ tenant, random, at }, user) => {
  const { display, given, family } = pickName(random);
  updateUser(tenant, user, { fields: { displayName: display, givenName: given, surname: family }, at });
};

/** What happens to people, and how often in relation to the rest. */
const LIFE: readonly (readonly [number, Act])[] = [
  [2, join],
  [5, ({ tenant, random, at }, user) => updateUser(tenant, user, { fields: { jobTitle: random.pick(TITLES) }, at })],
  [
    5,
    ({ tenant, random, at }, user) =>
      updateUser(tenant, user, { fields: { department: random.pick(DEPARTMENTS) }, at }),
  ],
  [2, rename],
  [2, ({ tenant, at }, user) => updateUser(tenant, user, { fields: { accountEnabled: !user.accountEnabled }, at })],
  [2, ({ tenant, at }, user) => dropMember(tenant, { groupId: tenant.chosenGroupId, memberId: user.id, at })],
  [3, ({ tenant, at }, user) => addMember(tenant, { groupId: tenant.chosenGroupId, memberId: user.id, at })],
  [1, ({ tenant, at }, user) => deleteUser(tenant, user, at)],
  [3, ({ random, at, reportDelay }, user) => setMfa(user, pickMfa(random), { at, reportDelay })],
  [1, ({ at, reportDelay }, user) => setMfa(user, NO_MFA, { at, reportDelay })],
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

/** One thing happens in the tenant. Someone who was deleted comes back in one case of two. */
export const liveOnce = (scene: Scene): void => {
  const user = pickUser(scene);
  if (user === undefined) return;
  if (user.deletedAt === null) pickAct(scene.random)(scene, user);
  else if (scene.random.chance(0.5) && !scene.tenant.users.byName.has(user.userPrincipalName.toLowerCase()))
    restoreUser(scene.tenant, user, scene.at);
};

const STEP = 50;

export type Life = {
  readonly activity: () => Activity;
  readonly set: (activity: Activity) => void;
  /** Ends it in this process; the rate stays as it was, for the next one. */
  readonly stop: () => void;
};

/** Random life at a rate; the number of acts follows the time that passed, not the number of ticks. */
export const createLife = (
  tenant: Tenant,
  { clock, settings, onAct }: { clock: Clock; settings: Settings; onAct: () => void },
): Life => {
  let activity: Activity = { perSecond: 0, seed: 1 };
  let cancel: Cancel = () => undefined;
  const run = (random: Random, since: number, owed: number) => {
    cancel = clock.after(STEP, () => {
      const at = clock.now();
      let due = owed + (Math.min(at - since, 1_000) * activity.perSecond) / 1000;
      for (; due >= 1; due -= 1) {
        liveOnce({ tenant, random, at, reportDelay: settings.lifetimes.reportDelay });
        onAct();
      }
      run(random, at, due);
    });
  };
  return {
    activity: () => activity,
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
