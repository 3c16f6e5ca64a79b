import { Failure, isFailure } from '@muster/contracts';
import { z } from 'zod';
import type { Budget, Outlook } from './budget.js';
import { admit, CLOSED, onTrouble, onWell, type Circuit, type Trouble } from './domain/circuit.js';
import type { Lane } from './domain/budget.js';
import { toCost, type Bucket } from './domain/resource-units.js';
import type { GraphAnswer, GraphRequest, Transport } from './microsoft-graph.js';
import { readRetryAfter } from './to-failure.js';

export type Budgets = Record<Bucket, Budget>;

/** How one tenant's Graph gets on; told when it changes. */
export type TenantState =
  | { state: 'well'; at: number }
  | { state: 'quarantined'; at: number; since: number; until: number; count: number; failure: Failure };

export type Guard = {
  /** The same transport, for calls of one lane. */
  of: (lane: Lane) => Transport;
  /** What a lane may use of the bucket that such a call is counted in, and what the call costs. */
  outlook: (lane: Lane, request: Pick<GraphRequest, 'method' | 'path'>) => Outlook & { unitsPerPage: number };
  /** The tenant answered outside of the transport (a sign-in that went well): the quarantine ends. */
  well: () => void;
};

export type GuardOptions = {
  transport: Transport;
  budgets: Budgets;
  now?: () => number;
  onState?: (state: TenantState) => void;
  onThrottled?: (bucket: Bucket, lane: Lane) => void;
};

const PRIORITY: Record<Lane, string> = { events: 'High', delta: 'Normal', full: 'Low' };

/**
 * Stands in front of the transport of one tenant: quarantine first, then the budget. While quarantined, calls reject
 * at once with the failure that led there (details.quarantined, retryAfterMs), so a tenant in trouble costs nobody
 * anything; one call at a time finds out whether it is over.
 */
export function createGuard(options: GuardOptions): Guard {
  const { transport, budgets, now = Date.now, onState, onThrottled } = options;
  let circuit: Circuit = CLOSED;
  let cause: Failure | null = null;

  const become = (next: Circuit, failure: Failure | null): void => {
    const [before, at] = [circuit.state, now()];
    circuit = next;
    if (next.state === 'open' && failure) {
      cause = failure;
      if (before !== 'open') onState?.({ ...pick(next), state: 'quarantined', at, failure });
    } else if (next.state === 'closed' && before !== 'closed') onState?.({ state: 'well', at });
  };

  const send = async (request: GraphRequest, lane: Lane): Promise<GraphAnswer> => {
    const { bucket, units } = toCost(request);
    const budget = budgets[bucket];
    await budget.take(lane, units);
    const headers = { 'x-ms-throttle-priority': PRIORITY[lane], ...request.headers };
    try {
      const answer = await transport({ ...request, headers });
      if (answer.used != null) budget.used(answer.used);
      const partsWaitMs = readPartsWait(request, answer);
      if (partsWaitMs !== null) {
        budget.throttled(lane, partsWaitMs);
        onThrottled?.(bucket, lane);
      }
      return answer;
    } catch (error) {
      if (isFailure(error) && error.code === 'graph.throttled') {
        budget.throttled(lane, error.retryAfterMs);
        onThrottled?.(bucket, lane);
      }
      throw error;
    }
  };

  return {
    of: (lane) => async (request) => {
      const verdict = admit(circuit, now());
      circuit = verdict.circuit;
      if (!verdict.admitted) throw toQuarantined(cause, verdict.retryAfterMs);
      try {
        const answer = await send(request, lane);
        become(onWell(circuit, now()), null);
        return answer;
      } catch (error) {
        const trouble = toTrouble(error, { request, lane });
        if (trouble) become(onTrouble(circuit, trouble, now()), error as Failure);
        // Any other answer shows that the tenant is there; our own budget's refusal shows nothing.
        else if (!isOurs(error)) become(onWell(circuit, now()), null);
        else if (circuit.state === 'probing') circuit = { ...circuit, state: 'open', until: now() };
        throw error;
      }
    },
    outlook: (lane, request) => {
      const { bucket, units } = toCost(request);
      return { ...budgets[bucket].outlook(lane), unitsPerPage: units };
    },
    well: () => become(onWell(circuit, now()), null),
  };
}

const pick = ({ since, until, count }: Extract<Circuit, { state: 'open' }>) => ({ since, until, count });

const isOurs = (error: unknown): boolean => isFailure(error) && error.details.ours === true;

/** What says that the whole tenant cannot be read, not this one thing. */
function toTrouble(error: unknown, { request, lane }: { request: GraphRequest; lane: Lane }): Trouble | null {
  if (!isFailure(error) || isOurs(error)) return null;
  const { code, retryable, retryAfterMs = 0, details } = error;
  if (code === 'token.refused' && !retryable)
    return { kind: details.signInAgain === true ? 'consent' : 'refused', retryAfterMs: 0 };
  if (code === 'graph.unauthorized') return { kind: 'refused', retryAfterMs: 0 };
  if (code === 'graph.unavailable' || code === 'token.refused') return { kind: 'storm', retryAfterMs };
  // The report's bucket is small and its own, and Graph throttles low priority first: neither says anything of the rest.
  if (code === 'graph.throttled' && lane !== 'full' && toCost(request).bucket === 'identity')
    return { kind: 'storm', retryAfterMs };
  return null;
}

function toQuarantined(cause: Failure | null, retryAfterMs: number): Failure {
  const code = cause?.code ?? 'graph.unavailable';
  const message = cause?.message ?? 'This tenant cannot be read for now.';
  const details = { ...cause?.details, quarantined: true };
  return new Failure(code, message, { retryable: cause?.retryable ?? true, retryAfterMs, details });
}

const batchShape = z.object({
  responses: z.array(z.object({ status: z.int(), headers: z.record(z.string(), z.string()).nullish() })),
});

/** The longest Retry-After of a batch's throttled parts: the outer answer is 200. Null = none was throttled. */
function readPartsWait({ path }: GraphRequest, { body }: GraphAnswer): number | null {
  if (!path.endsWith('/$batch')) return null;
  const throttled = batchShape.safeParse(body).data?.responses.filter(({ status }) => status === 429) ?? [];
  if (throttled.length === 0) return null;
  const waits = throttled.map(({ headers }) => {
    const entry = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'retry-after');
    return readRetryAfter(entry?.[1], Date.now()) ?? 1_000;
  });
  return Math.max(...waits);
}
