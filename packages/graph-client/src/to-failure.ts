import { Failure } from '@muster/contracts';

export type GraphErrorBody = { code: string; message: string };

/** Codes are words of Graph’s documentation, the longest of 53 letters; anything else is no code. */
const CODE = /^[\w.-]{1,80}$/;

/** https://learn.microsoft.com/graph/errors: `{error: {code, message}}`; anything else gives empty text. */
export function readErrorBody(body: unknown): GraphErrorBody {
  const error = (body as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  return {
    code: typeof error?.code === 'string' && CODE.test(error.code) ? error.code : '',
    message: typeof error?.message === 'string' ? error.message.slice(0, 300) : '',
  };
}

/** Graph asks for minutes; who asks for longer is asked again by then. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;
const toWait = (ms: number): number => Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, ms));

/**
 * Seconds, also fractional, or an HTTP date (RFC 9110 10.2.3) → ms, an hour at most; undefined when absent or not
 * understood.
 */
export function readRetryAfter(value: string | null | undefined, now: number): number | undefined {
  if (value === null || value === undefined || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return toWait(Math.ceil(seconds * 1_000));
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : toWait(date - now);
}

/** What an expired or reset token is refused with, on whatever status (contract 5.2). */
const GONE = new Set(['syncstatenotfound', 'resyncrequired', 'directory_expiredpagetoken']);
const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const NO_LICENCE = 'Authentication_RequestFromNonPremiumTenantOrB2CTenant';

export type GraphRefusal = { status: number; body: unknown; retryAfterMs: number | undefined; what: string };

/** Failures are stored and shown: our words. What Graph wrote may name people and more, so it goes to the log alone. */
const SENTENCES = {
  'graph.throttled': 'it asks for a pause',
  'graph.unavailable': 'it cannot answer for now',
  'graph.unauthorized': 'it does not take the token',
  'graph.forbidden': 'a right is missing',
  'graph.no-licence': 'the tenant has no licence for it',
  'graph.gone': 'the place to go on from is no longer known',
  'graph.not-found': 'it is not there',
  'graph.conflict': 'it collides with what is there',
  'graph.refused': 'it takes the request for a wrong one',
} as const;

/** Branches on status and code, never on message text. */
export function toFailure({ status, body, retryAfterMs, what }: GraphRefusal): Failure {
  const { code, message } = readErrorBody(body);
  const said = code === '' ? String(status) : `${status} ${code}`;
  // The id is a hint only, so its text may change: the list of subscriptions decides.
  const holder = status === 409 ? { subscriptionId: GUID.exec(message)?.[0].toLowerCase() ?? null } : {};
  const details = { status, code, ...holder };
  const cause = message === '' ? undefined : new Error(message);
  const fail = (kind: keyof typeof SENTENCES, retryable: boolean): Failure =>
    new Failure(kind, `${what}: Graph answers ${said}, ${SENTENCES[kind]}.`, {
      retryable,
      retryAfterMs,
      cause,
      details,
    });
  if (status === 429) return fail('graph.throttled', true);
  if (status >= 500 || status === 408) return fail('graph.unavailable', true);
  if (status === 401) return fail('graph.unauthorized', false);
  if (status === 403) return fail(code === NO_LICENCE ? 'graph.no-licence' : 'graph.forbidden', false);
  if (status === 410 || GONE.has(code.toLowerCase())) return fail('graph.gone', false);
  if (status === 404) return fail('graph.not-found', false);
  if (status === 409) return fail('graph.conflict', false);
  return fail('graph.refused', false);
}
