import { authorizeCall, resolveMe } from '../sign-in/authorize-call.js';
import { livingUsers } from '../tenant/tenant.js';
import { viewOf } from '../tenant/replica.js';
import type { World } from '../world.js';
import { GraphFault, accessDenied, tooManyRequests } from './fault.js';
import { createMatcher } from './operation.js';
import type { Operation } from './operation.js';
import { createPageFaults } from './page-faults.js';
import type { Caller, GraphAnswer, GraphRequest } from './request.js';
import type { Throttle, Verdict } from './throttle.js';
import { readPriority, unitsOf } from './throttle.js';

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
  const writes = operation.scope === 'identityWrite';
  const kind = operation.method === 'GET' ? 'Read' : writes ? 'Write' : 'ReadWrite';
  return {
    ...(operation.scope === 'identity' && {
      'x-ms-resource-unit': String(unitsOf(operation.units ?? 1, incoming.query, operation.selectRebate)),
    }),
    ...(verdict.used >= 0.8 && { 'x-ms-throttle-limit-percentage': Math.min(verdict.used, 1.8).toFixed(2) }),
    ...(verdict.retryAfter !== null && {
      // Identity Protection is alone in not saying how long to wait (contract 7).
      ...(operation.scope !== 'identityProtection' && { 'Retry-After': String(verdict.retryAfter) }),
      'x-ms-throttle-scope': `${verdict.throttledScope}/${kind}/${appId}/${tenant.id}`,
      'x-ms-throttle-information': writes ? 'WriteLimitExceeded' : 'ResourceUnitLimitExceeded',
    }),
  };
};

const CODES: Readonly<Record<number, string>> = {
  401: 'InvalidAuthenticationToken',
  403: 'Authorization_RequestDenied',
  404: 'Request_ResourceNotFound',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

/** Fails the call when a fault rule says so. */
const strike = ({ faults }: World, incoming: Incoming) => {
  const place = { tenantId: incoming.caller.tenant.id, path: incoming.path };
  const error = faults.take('error', place);
  if (error !== null) {
    const headers = {
      ...(error.retryAfter !== undefined && { 'Retry-After': String(error.retryAfter) }),
      ...(error.information !== undefined && { 'x-ms-throttle-information': error.information }),
    };
    if (error.status === 429 && error.code === undefined) throw tooManyRequests(headers);
    const code = error.code ?? CODES[error.status] ?? 'generalException';
    throw new GraphFault(error.status, code, 'A fault that was asked for.', headers);
  }
  if (faults.take('consentRevoked', place) !== null) throw accessDenied();
};

/** An error tells what the call cost just as a success does. */
const withHeaders = async (headers: Record<string, string>, handle: () => GraphAnswer | Promise<GraphAnswer>) => {
  try {
    return await handle();
  } catch (error) {
    if (!(error instanceof GraphFault)) throw error;
    throw new GraphFault(error.status, error.code, error.message, { ...headers, ...error.headers });
  }
};

/** The order Graph checks in: is there such a call, is there budget, is there a permission. */
export const createDispatch = (
  world: World,
  { operations, throttle }: { operations: readonly Operation[]; throttle: Throttle },
): Dispatch => {
  const match = createMatcher(operations);
  const spoil = createPageFaults(world.faults);
  return async (incoming) => {
    const found = match(incoming.method, resolveMe(incoming.path, incoming.caller));
    if (found.type === 'unknown')
      throw new GraphFault(400, 'BadRequest', `Resource not found for the segment '${found.segment}'.`);
    if (found.type === 'otherMethod')
      throw new GraphFault(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
    const { operation, params } = found;
    const { caller, query } = incoming;
    const now = world.clock.now();
    const verdict = throttle.admit({
      scope: operation.scope,
      units: unitsOf(operation.units ?? 1, query, operation.selectRebate),
      appId: caller.appId,
      tenantId: caller.tenant.id,
      people: livingUsers(caller.tenant),
      priority: readPriority(incoming.header('x-ms-throttle-priority')),
      at: now,
    });
    const headers = throttleHeaders(verdict, { operation, incoming });
    if (verdict.retryAfter !== null && world.faults.plan().throttling) throw tooManyRequests(headers);
    strike(world, incoming);
    const { method, path, permissions } = operation;
    const allowed = authorizeCall(caller, { method, path, params, permissions });
    const request: GraphRequest = {
      ...incoming,
      caller: allowed,
      world,
      params,
      now,
      view: viewOf(caller.tenant, now),
    };
    const answer = spoil(await withHeaders(headers, () => operation.handle(request)), request);
    return { ...answer, headers: { ...headers, ...answer.headers } };
  };
};
