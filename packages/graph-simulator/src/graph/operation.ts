import type { GraphAnswer, GraphRequest } from './request.js';

/** Which throttle a call counts against (contract 7). */
export type Scope =
  | 'identity'
  | 'identityWrite'
  | 'reports'
  | 'identityProtection'
  | 'subscriptionWrite'
  | 'subscriptionReauthorize'
  | 'subscriptionGet'
  | 'subscriptionList';

export type Operation = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the version, with parameters in braces. */
  readonly path: string;
  /** Any one of these sets of application permissions opens it; null: the handler decides. */
  readonly permissions: readonly (readonly string[])[] | null;
  readonly scope: Scope;
  /** Resource units before the `$select` and `$top` rebates; only for scope identity. */
  readonly units?: number;
  /** What `$select` takes off, when it is not 1. */
  readonly selectRebate?: number;
  readonly handle: (request: GraphRequest) => GraphAnswer | Promise<GraphAnswer>;
};

type Route = { readonly operation: Operation; readonly segments: readonly string[] };

// `graph.user` and `delta()` are how generated SDKs write `microsoft.graph.user` and `delta`.
const normalise = (segment: string) =>
  segment
    .replace(/\(\)$/, '')
    .replace(/^graph\./i, 'microsoft.graph.')
    .replace(/^microsoft\.graph\.(delta|checkMemberGroups|getByIds|restore|reauthorize)$/i, '$1');

const splitPath = (path: string): string[] | null => {
  try {
    // users('id') is the key form of users/id.
    const plain = path.replaceAll(/\('([^']*)'\)/g, '/$1');
    return plain
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => normalise(decodeURIComponent(segment)));
  } catch {
    return null;
  }
};

const matchRoute = ({ segments }: Route, given: readonly string[]): Record<string, string> | null => {
  if (segments.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith('{')) params[segment.slice(1, -1)] = value;
    else if (segment.toLowerCase() !== value.toLowerCase()) return null;
  }
  return params;
};

export type Match =
  | { readonly type: 'found'; readonly operation: Operation; readonly params: Readonly<Record<string, string>> }
  | { readonly type: 'otherMethod' }
  | { readonly type: 'unknown'; readonly segment: string };

/** Literal segments win over parameters, whatever the order of the table. */
export const createMatcher = (operations: readonly Operation[]) => {
  const holes = ({ segments }: Route) => segments.filter((segment) => segment.startsWith('{')).length;
  const routes = operations
    .map((operation): Route => ({ operation, segments: operation.path.split('/').filter(Boolean) }))
    .sort((a, b) => holes(a) - holes(b));
  return (method: string, path: string): Match => {
    const given = splitPath(path);
    if (given === null) return { type: 'unknown', segment: path };
    let otherMethod = false;
    for (const route of routes) {
      const params = matchRoute(route, given);
      if (params === null) continue;
      if (route.operation.method === method) return { type: 'found', operation: route.operation, params };
      otherMethod = true;
    }
    return otherMethod ? { type: 'otherMethod' } : { type: 'unknown', segment: given.at(-1) ?? '' };
  };
};
