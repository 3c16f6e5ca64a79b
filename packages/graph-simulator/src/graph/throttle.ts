import type { Scope } from './operation.js';

type Owner = 'appInTenant' | 'app' | 'tenant';
type Limit = { readonly per: Owner; readonly amount: number; readonly window: number };

/** Contract 7; windows in ms. Scope identity counts resource units, all else counts calls. */
export const LIMITS: Readonly<Record<Scope, readonly Limit[]>> = {
  identity: [
    { per: 'appInTenant', amount: 8_000, window: 10_000 },
    { per: 'app', amount: 150_000, window: 20_000 },
  ],
  identityWrite: [
    { per: 'appInTenant', amount: 3_000, window: 150_000 },
    { per: 'app', amount: 35_000, window: 300_000 },
    { per: 'tenant', amount: 18_000, window: 300_000 },
  ],
  reports: [
    { per: 'appInTenant', amount: 5, window: 10_000 },
    { per: 'app', amount: 122, window: 10_000 },
  ],
  identityProtection: [{ per: 'tenant', amount: 1, window: 1_000 }],
  subscriptionWrite: [
    { per: 'appInTenant', amount: 500, window: 20_000 },
    { per: 'app', amount: 2_000, window: 20_000 },
  ],
  subscriptionReauthorize: [
    { per: 'appInTenant', amount: 1_000, window: 20_000 },
    { per: 'app', amount: 4_000, window: 20_000 },
  ],
  subscriptionGet: [
    { per: 'appInTenant', amount: 500, window: 20_000 },
    { per: 'app', amount: 2_000, window: 20_000 },
  ],
  subscriptionList: [
    { per: 'appInTenant', amount: 25, window: 20_000 },
    { per: 'app', amount: 40, window: 20_000 },
  ],
};
export const GLOBAL: Limit = { per: 'app', amount: 130_000, window: 10_000 };

/** Resource units for 10 s by size of the tenant: S, M, L. */
export const identityBudget = (people: number): number => (people < 50 ? 3_500 : people <= 500 ? 5_000 : 8_000);

/** `$select` and small pages are cheaper, `$expand` dearer; never below 1. */
export const unitsOf = (units: number, query: URLSearchParams, selectRebate = 1): number => {
  const top = query.get('$top');
  const rebate = (query.has('$select') ? selectRebate : 0) + (top !== null && Number(top) < 20 ? 1 : 0);
  return Math.max(1, units - rebate + (query.has('$expand') ? 1 : 0));
};

export type Priority = 'low' | 'normal' | 'high';

/** The share of a limit at which calls are refused: low ones first, high ones last. Microsoft names no figures. */
const REFUSED_ABOVE: Readonly<Record<Priority, number>> = { low: 0.9, normal: 1, high: 1.1 };

export const readPriority = (header: string | undefined): Priority => {
  const given = header?.toLowerCase();
  return given === 'low' || given === 'high' ? given : 'normal';
};

export type Call = {
  readonly scope: Scope;
  readonly units: number;
  readonly appId: string;
  readonly tenantId: string;
  readonly people: number;
  readonly priority?: Priority;
  readonly at: number;
};
export type Verdict = {
  /** Share of the tightest limit that is used, 1 = at the limit. */
  readonly used: number;
  /** Seconds to wait; null: the call goes through. */
  readonly retryAfter: number | null;
  readonly throttledScope: 'Tenant_Application' | 'Application' | 'Tenant';
};

export type Throttle = { readonly admit: (call: Call) => Verdict };

type Window = { start: number; used: number };

const SCOPE_NAMES = { appInTenant: 'Tenant_Application', app: 'Application', tenant: 'Tenant' } as const;

const ownerOf = (per: Owner, { appId, tenantId }: Call): string =>
  ({ appInTenant: `${appId}/${tenantId}`, app: appId, tenant: tenantId })[per];

/** Fixed windows that start with the first call. Refused calls count too, so hasty retries make it worse. */
export const createThrottle = (): Throttle => {
  const windows = new Map<string, Window>();
  const spend = (key: string, { amount, window: length }: Limit, { at, cost }: { at: number; cost: number }) => {
    const known = windows.get(key);
    const current = known !== undefined && at - known.start < length ? known : { start: at, used: 0 };
    if (current !== known) windows.set(key, current);
    current.used += cost;
    return { used: current.used / amount, wait: Math.max(1, Math.ceil((current.start + length - at) / 1000)) };
  };
  return {
    admit: (call) => {
      const { scope, units, people, at, priority = 'normal' } = call;
      const verdicts = [...LIMITS[scope], GLOBAL].map((limit, index) => {
        const name = limit === GLOBAL ? 'global' : `${scope}/${index}`;
        const sized = scope === 'identity' && limit.per === 'appInTenant';
        const amount = sized ? identityBudget(people) : limit.amount;
        const cost = scope === 'identity' && limit !== GLOBAL ? units : 1;
        return { ...spend(`${name}/${ownerOf(limit.per, call)}`, { ...limit, amount }, { at, cost }), per: limit.per };
      });
      const worst = verdicts.reduce((a, b) => (b.used > a.used ? b : a));
      return {
        used: worst.used,
        retryAfter: worst.used > REFUSED_ABOVE[priority] ? worst.wait : null,
        throttledScope: SCOPE_NAMES[worst.per],
      };
    },
  };
};
