import { randomUUID } from 'node:crypto';
import { isStepped } from '../clock.js';
import type { Delivery } from '../delivery/deliver.js';
import type { FaultPlan, FaultPlanInput } from '../faults.js';
import { faultPlanSchema } from '../faults.js';
import { createRandom } from '../random.js';
import type { Settings, SettingsPatch } from '../settings.js';
import { patchSettings } from '../settings.js';
import type { Secret } from '../tenant/app.js';
import { addMember } from '../tenant/change-group.js';
import { addUser, deleteUser, purgeUser, restoreUser, setMfa, updateUser } from '../tenant/change-user.js';
import { Conflict } from '../tenant/conflict.js';
import { createUser, inventUser } from '../tenant/seed-people.js';
import { seedTenant, toDomain } from '../tenant/seed-tenant.js';
import type { Tenant } from '../tenant/tenant.js';
import type { User } from '../tenant/user.js';
import type { World } from '../world.js';
import { createSignInControl } from '../sign-in/control.js';
import { createGroupControl } from './group-control.js';
import { NotFound } from './not-found.js';
import type { Life } from './activity.js';
import { createLife } from './activity.js';
import { countTenant, describeTenant, listLeavers, listTruth, toTruth } from './describe.js';
import type { Activity, NewUser, TenantPlanInput, UserPatch } from './schemas.js';
import { newUserSchema, tenantPlanSchema, toTenantPlan } from './schemas.js';

const DAY = 86_400_000;

/** The hand of the tester: changes anything and knows the truth. The HTTP control API is a shell around it. */
export type Control = ReturnType<typeof createControl>;

export const createControl = (
  world: World,
  {
    onTenant,
    onEdit,
    delivery,
  }: { onTenant: (tenant: Tenant) => void; onEdit: () => void; delivery: Pick<Delivery, 'onConsent' | 'endpoints'> },
) => {
  const lives = new Map<string, Life>();
  const { clock, settings } = world;

  const findTenant = (tenantId: string): Tenant => {
    const tenant = world.tenants.get(tenantId.toLowerCase());
    if (tenant === undefined) throw new NotFound(`tenant ${tenantId} does not exist; see GET /_simulator/tenants.`);
    return tenant;
  };
  const findUser = (tenant: Tenant, idOrName: string): User => {
    const key = idOrName.toLowerCase();
    const user = tenant.users.byId.get(key) ?? tenant.users.byName.get(key);
    if (user === undefined) throw new NotFound(`user ${idOrName} is not in tenant ${tenant.id}; see its truth.`);
    return user;
  };
  const lifeOf = (tenant: Tenant): Life => {
    const life = lives.get(tenant.id) ?? createLife(tenant, { clock, settings, onAct: onEdit });
    lives.set(tenant.id, life);
    return life;
  };
  const findApp = (tenant: Tenant, clientId: string) => {
    const app = tenant.apps.get(clientId.toLowerCase());
    if (app === undefined) throw new NotFound(`app ${clientId} is not registered in tenant ${tenant.id}.`);
    return app;
  };
  // Whatever is edited reaches the state file.
  const edited = <T>(result: T): T => {
    onEdit();
    return result;
  };

  return {
    createTenant: (input: TenantPlanInput = {}) => {
      const plan = toTenantPlan(tenantPlanSchema.parse(input));
      const random = createRandom(`tenant/${plan.seed}/${world.tenants.size}`);
      const tenantId = plan.tenantId ?? random.guid();
      const existing = world.tenants.get(tenantId);
      if (existing !== undefined) return { created: false, tenant: describeTenant(existing) };
      const taken = new Set([...world.tenants.values()].map(({ domain }) => domain));
      const domain = toDomain(plan.name, (name) => taken.has(name));
      const tenant = seedTenant({ ...plan, tenantId, domain }, clock.now());
      world.tenants.set(tenantId, tenant);
      onTenant(tenant);
      return edited({ created: true, tenant: describeTenant(tenant) });
    },
    listTenants: () => [...world.tenants.values()].map(describeTenant),
    getTenant: (tenantId: string) => {
      const tenant = findTenant(tenantId);
      return { ...describeTenant(tenant), counts: countTenant(tenant) };
    },
    setLicence: (tenantId: string, licence: Tenant['licence']) => {
      findTenant(tenantId).licence = licence;
      onEdit();
    },
    createUser: (tenantId: string, input: NewUser = {}) => {
      const tenant = findTenant(tenantId);
      const { inGroup, id = randomUUID(), userPrincipalName, ...fields } = newUserSchema.parse(input);
      const at = clock.now();
      const guest = fields.userType === 'Guest';
      const made = inventUser(tenant, { random: createRandom(id), at, guest });
      const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
      const user = createUser({ ...made, ...given, id, createdAt: at }, userPrincipalName ?? made.userPrincipalName);
      addUser(tenant, user);
      if (inGroup) addMember(tenant, { groupId: tenant.chosenGroupId, memberId: id, at });
      return edited(toTruth(tenant, user));
    },
    updateUser: (tenantId: string, userId: string, patch: UserPatch) => {
      const tenant = findTenant(tenantId);
      const user = findUser(tenant, userId);
      const fields = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      updateUser(tenant, user, { fields, at: clock.now() });
      return edited(toTruth(tenant, user));
    },
    deleteUser: (tenantId: string, userId: string, { permanent = false } = {}) => {
      const tenant = findTenant(tenantId);
      (permanent ? purgeUser : deleteUser)(tenant, findUser(tenant, userId), clock.now());
      onEdit();
    },
    restoreUser: (tenantId: string, userId: string) => {
      const tenant = findTenant(tenantId);
      const user = findUser(tenant, userId);
      restoreUser(tenant, user, clock.now());
      return edited(toTruth(tenant, user));
    },
    setMfa: (
      tenantId: string,
      userId: string,
      { methods, capable }: { methods: string[]; capable?: boolean | undefined },
    ) => {
      const tenant = findTenant(tenantId);
      const user = findUser(tenant, userId);
      const mfa = { methods, capable: capable ?? methods.length > 0 };
      setMfa(user, mfa, { at: clock.now(), reportDelay: settings.lifetimes.reportDelay });
      return edited(toTruth(tenant, user));
    },
    ...createGroupControl({ findTenant, world, edited }),
    ...createSignInControl({ world, findTenant, findUser, findApp, edited, onConsent: delivery.onConsent }),
    updateApp: (
      tenantId: string,
      clientId: string,
      {
        granted,
        requested,
        enabled,
      }: { [K in 'granted' | 'requested']?: string[] | undefined } & { enabled?: boolean | undefined },
    ) => {
      const tenant = findTenant(tenantId);
      const app = findApp(tenant, clientId);
      app.granted = granted ?? app.granted;
      app.requested = requested ?? app.requested;
      app.enabled = enabled ?? app.enabled;
      delivery.onConsent(tenant, app.clientId);
      return edited({ clientId: app.clientId, granted: app.granted, requested: app.requested, enabled: app.enabled });
    },
    /** A further secret; a negative life makes one that has expired already. */
    addSecret: (tenantId: string, clientId: string, { days = 180, displayName = 'by control' } = {}) => {
      const app = findApp(findTenant(tenantId), clientId);
      const random = createRandom(randomUUID());
      const now = clock.now();
      const text = `${random.text(3)}8Q~${random.text(34)}`;
      const secret: Secret = { keyId: random.guid(), displayName, text, startsAt: now, endsAt: now + days * DAY };
      app.secrets = [secret, ...app.secrets];
      return edited({
        keyId: secret.keyId,
        clientSecret: text,
        secretExpiresAt: new Date(secret.endsAt).toISOString(),
      });
    },
    removeSecret: (tenantId: string, clientId: string, keyId: string) => {
      const app = findApp(findTenant(tenantId), clientId);
      app.secrets = app.secrets.filter((secret) => secret.keyId !== keyId);
      onEdit();
    },
    setActivity: (tenantId: string, activity: Activity) => {
      lifeOf(findTenant(tenantId)).set(activity);
      onEdit();
    },
    getActivity: (tenantId: string) => lifeOf(findTenant(tenantId)).activity(),
    truth: (tenantId: string, page: { skip: number; top: number } = { skip: 0, top: Infinity }) =>
      listTruth(findTenant(tenantId), page),
    leavers: (tenantId: string) => listLeavers(findTenant(tenantId)),
    truthOf: (tenantId: string, userId: string) => {
      const tenant = findTenant(tenantId);
      return toTruth(tenant, findUser(tenant, userId));
    },
    /** Ends random life in this process; the rates are kept for the next. */
    stop: () => {
      for (const life of lives.values()) life.stop();
    },
    ledger: ({ since = 0, limit = 1_000 } = {}) => world.ledger.since(since, limit),
    subscriptions: () => [...world.subscriptions.all()],
    faults: (): FaultPlan => world.faults.plan(),
    hits: () => world.faults.hits(),
    endpoints: () => delivery.endpoints(),
    settings: (): Settings => world.settings,
    setSettings: (patch: SettingsPatch): Settings => {
      patchSettings(world.settings, patch);
      return world.settings;
    },
    clock: () => ({
      now: new Date(clock.now()).toISOString(),
      mode: isStepped(clock) ? ('stepped' as const) : ('real' as const),
    }),
    /** Only where the simulator was made with a stepped clock. */
    moveClock: ({ advanceMs, to }: { advanceMs?: number | undefined; to?: string | undefined }) => {
      if (!isStepped(clock)) throw new Conflict('the clock is real; start with SIMULATOR_CLOCK=stepped to step it.');
      const step = advanceMs ?? Date.parse(to ?? '') - clock.now();
      if (step < 0) throw new Conflict('the clock only runs forwards; give a later time.');
      clock.advance(step);
    },
    setFaults: (plan: FaultPlanInput) => world.faults.set(faultPlanSchema.parse(plan)),
  };
};
