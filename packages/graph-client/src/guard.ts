import { Failure, isFailure } from '@muster/contracts';
import { readBatchOutcome } from './batch-outcome.js';
import type { Budget, Outlook } from './budget.js';
import { admit, CLOSED, onTrouble, onWell, type Circuit, type Trouble } from './domain/circuit.js';
import type { Lane } from './domain/budget.js';
import { toCost, type Bucket } from './domain/resource-units.js';
import type { GraphAnswer, GraphRequest, Transport } from './microsoft-graph.js';

export type Budgets = Record<Bucket, Budget>;

/** How one tenant's Graph gets on; told when it changes, and of its first good answer. */
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
  /** Gets the token ready, ahead of the count of a call. */
  prepare?: () => Promise<unknown>;
  now?: () => number;
  onState?: (state: TenantState) => void;
  onThrottled?: (bucket: Bucket, lane: Lane) => void;
};

const PRIORITY: Record<Lane, string> = { events: 'High', delta: 'Normal', full: 'Low' };

/** Only where lanes share a bucket: in one that a caller has to itself, a low priority is throttled sooner for nobody's sake. */
const toHeaders = (bucket: Bucket, lane: Lane): GraphRequest['headers'] =>
  bucket === 'identity' ? { 'x-ms-throttle-priority': PRIORITY[lane] } : {};

/**
 * Stands in front of the transport of one tenant: quarantine first, then the budget. While quarantined, calls reject
 * at once with the failure that led there (details.quarantined, retryAfterMs), so a tenant in trouble costs nobody
 * anything; one call at a time finds out whether it is over.
 */
export function createGuard(options: GuardOptions): Guard {
  const { transport, budgets, prepare, now = Date.now, onState, onThrottled } = options;
  let circuit: Circuit = CLOSED;
  let cause: Failure | null = null;
  /** Until then another process, or this one with another secret, may have told that it is quarantined. */
  let isToldWell = false;

  /** `isGood`: by an answer that was a success. */
  const become = (next: Circuit, failure: Failure | null, isGood = false): void => {
    const [before, at] = [circuit.state, now()];
    circuit = next;
    if (next.state === 'open' && failure) {
      cause = failure;
      if (before === 'open') return;
      isToldWell = false;
      onState?.({ ...pick(next), state: 'quarantined', at, failure });
    } else if (next.state === 'closed' && (before !== 'closed' || (isGood && !isToldWell))) {
      isToldWell = true;
      onState?.({ state: 'well', at });
    }
  };

  /** `failure`: what was answered is a batch of which nothing was. */
  const send = async (request: GraphRequest, lane: Lane): Promise<{ answer: GraphAnswer; failure: Failure | null }> => {
    const { bucket, units } = toCost(request);
    const budget = budgets[bucket];
    await budget.take(lane, units, prepare);
    const headers = { ...toHeaders(bucket, lane), ...request.headers };
    try {
      const answer = await transport({ ...request, headers });
      if (answer.used != null) budget.used(answer.used);
      const { failure, throttledMs } = readBatchOutcome(request, answer);
      if (throttledMs !== null) {
        budget.throttled(lane, throttledMs);
        onThrottled?.(bucket, lane);
      }
      return { answer, failure };
    } catch (error) {
      if (isFailure(error) && error.code === 'graph.throttled') {
        budget.throttled(lane, error.retryAfterMs);
        onThrottled?.(bucket, lane);
      }
      throw error;
    }
  };

  const judge = (error: unknown, call: Call): void => {
    const trouble = toTrouble(error, call);
    if (trouble) become(onTrouble(circuit, trouble, now()), error as Failure);
    // Any other answer shows that the tenant is there; our own budget's refusal shows nothing.
    else if (!isOurs(error)) become(onWell(circuit, now()), null, error === null);
    else if (circuit.state === 'probing') circuit = { ...circuit, state: 'open', until: now() };
  };

  return {
    of: (lane) => async (request) => {
      const verdict = admit(circuit, now());
      circuit = verdict.circuit;
      if (!verdict.admitted) throw toQuarantined(cause, verdict.retryAfterMs);
      try {
        const { answer, failure } = await send(request, lane);
        judge(failure, { request, lane });
        return answer;
      } catch (error) {
        judge(error, { request, lane });
        throw error;
      }
    },
    outlook: (lane, request) => {
      const { bucket, units } = toCost(request);
      return { ...budgets[bucket].outlook(lane), unitsPerPage: units };
    },
    well: () => become(onWell(circuit, now()), null, true),
  };
}

type Call = { request: GraphRequest; lane: Lane };

const pick = ({ since, until, count }: Extract<Circuit, { state: 'open' }>) => ({ since, until, count });

const isOurs = (error: unknown): boolean => isFailure(error) && error.details.ours === true;

/** What says that the whole tenant cannot be read, not this one thing. */
function toTrouble(error: unknown, { request, lane }: Call): Trouble | null {
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
