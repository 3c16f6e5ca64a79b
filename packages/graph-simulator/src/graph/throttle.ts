import type { Scope } from './operation.js';

type Limit = { readonly per: 'appInTenant' | 'app'; readonly amount: number; readonly window: number };

/** Contract 7; windows in ms. What counts resource units is marked by its scope, all else counts calls. */
const LIMITS: Readonly<Record<Scope, readonly Limit[]>> = {
  identity: [
    { per: 'appInTenant', amount: 8_000, window: 10_000 },
    { per: 'app', amount: 150_000, window: 20_000 },
  ],
  reports: [
    { per: 'appInTenant', amount: 5, window: 10_000 },
    { per: 'app', amount: 122, window: 10_000 },
  ],
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
const GLOBAL: Limit = { per: 'app', amount: 130_000, window: 10_000 };

/** Resource units for 10 s by size of the tenant: S, M, L. */
export const identityBudget = (people: number): number => (people < 50 ? 3_500 : people <= 500 ? 5_000 : 8_000);

/** `$select` and small pages are cheaper, `$expand` dearer; never below 1. */
export const unitsOf = (units: number, query: URLSearchParams): number => {
  const top = query.get('$top');
  const rebate = (query.has('$select') ? 1 : 0) + (top !== null && Number(top) < 20 ? 1 : 0);
  return Math.max(1, units - rebate + (query.has('$expand') ? 1 : 0));
};

export type Call = {
  readonly scope: Scope;
  readonly units: number;
  readonly appId: string;
  readonly tenantId: string;
  readonly people: number;
  readonly at: number;
};
export type Verdict = {
  /** Share of the tightest limit that is used, 1 = at the limit. */
  readonly used: number;
  /** Seconds to wait; null: the call goes through. */
  readonly retryAfter: number | null;
  readonly throttledScope: 'Tenant_Application' | 'Application';
};

export type Throttle = { readonly admit: (call: Call) => Verdict };

type Window = { start: number; used: number };

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
    admit: ({ scope, units, appId, tenantId, people, at }) => {
      const limits = [...LIMITS[scope], GLOBAL];
      const verdicts = limits.map((limit, index) => {
        const owner = limit.per === 'app' ? appId : `${appId}/${tenantId}`;
        const name = limit === GLOBAL ? 'global' : `${scope}/${index}`;
        const identity = scope === 'identity' && limit.per === 'appInTenant' && limit !== GLOBAL;
        const amount = identity ? identityBudget(people) : limit.amount;
        const cost = scope === 'identity' && limit !== GLOBAL ? units : 1;
        return { ...spend(`${name}/${owner}`, { ...limit, amount }, { at, cost }), per: limit.per };
      });
      const worst = verdicts.reduce((a, b) => (b.used > a.used ? b : a));
      return {
        used: worst.used,
        retryAfter: worst.used > 1 ? worst.wait : null,
        throttledScope: worst.per === 'app' ? 'Application' : 'Tenant_Application',
      };
    },
  };
};
