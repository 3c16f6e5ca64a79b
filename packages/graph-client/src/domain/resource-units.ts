/** Graph counts calls in separate buckets (https://learn.microsoft.com/graph/throttling-limits; contract 7). */
export type Bucket = 'identity' | 'reports' | 'subscriptions';
/** Identity counts resource units, reports and subscriptions count calls. */
export type Cost = { bucket: Bucket; units: number };
export type Costly = { method: string; path: string; body?: object | undefined };

const DELTA_OR_ONE = 1;
/** Listing subscriptions is allowed 25 times where writing them is allowed 500 times. */
const SUBSCRIPTION_LIST = 20;

/** What a call costs. A batch costs what its parts cost: each is counted on its own. */
export function toCost({ method, path, body }: Costly): Cost {
  const url = new URL(path, 'https://graph.invalid');
  const route = url.pathname.replace(/^\/v1\.0\b/, '').replace(/\/$/, '');
  if (route === '/$batch') return { bucket: 'identity', units: sum(partsOf(body).map((part) => toCost(part).units)) };
  if (route.startsWith('/reports/')) return { bucket: 'reports', units: 1 };
  if (route.startsWith('/subscriptions')) {
    const isList = method === 'GET' && route === '/subscriptions';
    return { bucket: 'subscriptions', units: isList ? SUBSCRIPTION_LIST : 1 };
  }
  return { bucket: 'identity', units: discount(toUnits(route), url.searchParams) };
}

function toUnits(route: string): number {
  if (route === '/users') return 2;
  if (/\/checkMemberGroups$/i.test(route)) return 4;
  if (/\/(getMemberGroups|memberOf)$/i.test(route)) return 2;
  if (/\/transitiveMembers/i.test(route)) return 5;
  if (/^\/groups\/[^/]+\/members/i.test(route)) return 3;
  return /\/getByIds$/i.test(route) ? 5 : DELTA_OR_ONE;
}

/** `$select` and small pages cost one less, `$expand` one more; never below one. */
function discount(units: number, query: URLSearchParams): number {
  const top = query.get('$top');
  const less = (query.has('$select') ? 1 : 0) + (top !== null && Number(top) < 20 ? 1 : 0);
  return Math.max(1, units - less + (query.has('$expand') ? 1 : 0));
}

const sum = (units: readonly number[]): number => units.reduce((all, one) => all + one, 0);

function partsOf(body: object | undefined): Costly[] {
  const { requests } = (body ?? {}) as { requests?: unknown };
  if (!Array.isArray(requests)) return [];
  return requests.map((part) => {
    const { method, url } = part as { method?: unknown; url?: unknown };
    return { method: typeof method === 'string' ? method : 'GET', path: typeof url === 'string' ? url : '/' };
  });
}

/** Resource units in 10 s for an app in a tenant, by how many people it has; unknown counts as the smallest. */
export const toIdentityLimit = (people: number | null): number => {
  if (people === null || people < 50) return 3_500;
  return people <= 500 ? 5_000 : 8_000;
};
