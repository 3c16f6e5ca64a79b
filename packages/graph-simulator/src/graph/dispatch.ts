import { livingUsers } from '../tenant/tenant.js';
import type { World } from '../world.js';
import { GraphFault, accessDenied } from './fault.js';
import { createMatcher } from './operation.js';
import type { Operation } from './operation.js';
import { opens } from './permissions.js';
import type { Caller, GraphAnswer, GraphRequest } from './request.js';
import type { Throttle, Verdict } from './throttle.js';
import { unitsOf } from './throttle.js';

export type Incoming = {
  readonly caller: Caller;
  readonly method: string;
  /** Below `/v1.0`, still encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  readonly body: unknown;
  readonly base: string;
};

export type Dispatch = (incoming: Incoming) => Promise<GraphAnswer>;

const throttleHeaders = (verdict: Verdict, { operation, incoming }: { operation: Operation; incoming: Incoming }) => {
  const { appId, tenant } = incoming.caller;
  const kind = operation.method === 'GET' ? 'Read' : 'Write';
  return {
    ...(operation.scope === 'identity' && {
      'x-ms-resource-unit': String(unitsOf(operation.units ?? 1, incoming.query)),
    }),
    ...(verdict.used >= 0.8 && { 'x-ms-throttle-limit-percentage': Math.min(verdict.used, 1.8).toFixed(2) }),
    ...(verdict.retryAfter !== null && {
      'Retry-After': String(verdict.retryAfter),
      'x-ms-throttle-scope': `${verdict.throttledScope}/${kind}/${appId}/${tenant.id}`,
      'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
    }),
  };
};

/** The order Graph checks in: is there such a call, is there budget, is there a permission. */
export const createDispatch = (
  world: World,
  { operations, throttle }: { operations: readonly Operation[]; throttle: Throttle },
): Dispatch => {
  const match = createMatcher(operations);
  return async (incoming) => {
    const found = match(incoming.method, incoming.path);
    if (found.type === 'unknown')
      throw new GraphFault(400, 'BadRequest', `Resource not found for the segment '${found.segment}'.`);
    if (found.type === 'otherMethod')
      throw new GraphFault(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
    const { operation, params } = found;
    const { caller, query } = incoming;
    const now = world.clock.now();
    const verdict = throttle.admit({
      scope: operation.scope,
      units: unitsOf(operation.units ?? 1, query),
      appId: caller.appId,
      tenantId: caller.tenant.id,
      people: livingUsers(caller.tenant),
      at: now,
    });
    const headers = throttleHeaders(verdict, { operation, incoming });
    if (verdict.retryAfter !== null && world.faults.plan().throttling)
      throw new GraphFault(429, 'TooManyRequests', 'Please retry again later.', headers);
    const planned = world.faults.errorFor(incoming.path);
    if (planned !== null) {
      const wait = planned.retryAfter === undefined ? {} : { 'Retry-After': String(planned.retryAfter) };
      throw new GraphFault(
        planned.status,
        planned.status === 429 ? 'TooManyRequests' : 'generalException',
        'A fault that was asked for.',
        wait,
      );
    }
    if (operation.permissions !== null && !opens(operation.permissions, caller.roles)) throw accessDenied();
    const request: GraphRequest = { ...incoming, world, params, now };
    const answer = await operation.handle(request);
    return { ...answer, headers: { ...headers, ...answer.headers } };
  };
};
