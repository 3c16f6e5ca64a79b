import {
  AuthenticationHandler,
  AuthenticationHandlerOptions,
  Client,
  GraphError,
  ResponseType,
  type Context,
  type Middleware,
} from '@microsoft/microsoft-graph-client';
import { Failure, isFailure } from '@muster/contracts';
import type { ClockSkew } from './clock-skew.js';
import { readRetryAfter, toFailure } from './to-failure.js';

export type GraphRequest = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path below the version, from its `/` on, or a link that Graph gave; what is neither is refused. */
  path: string;
  body?: object;
  headers?: Record<string, string>;
  /** For messages: what is being done, in words. */
  what: string;
};
export type GraphAnswer = {
  status: number;
  body: unknown;
  /** When the request left, in Graph's clock. */
  observedAt: string;
  /** x-ms-throttle-limit-percentage: the share of the limit that is used, 1 = at the limit; null = not told. */
  used?: number | null;
};
/** Rejects with a Failure on every status that is not 2xx. */
export type Transport = (request: GraphRequest) => Promise<GraphAnswer>;

export type TransportOptions = {
  graphUrl: string;
  /** `fresh`: not the one that was just refused. */
  acquireToken: (options?: { fresh?: boolean }) => Promise<string>;
  skew: ClockSkew;
  now?: () => number;
  onAnswer?: (answer: { method: string; status: number; seconds: number }) => void;
  /** For one request and its answer, ms. */
  timeoutMs?: number;
};

const TIMEOUT_MS = 30_000;
/** No clock is so wrong: a read of a time to come would outrank all that come until then. */
const UNBELIEVABLE_MS = 366 * 86_400_000;
/** Detail of a failure: the link does not lie under this Graph's address, so nothing was sent. */
export const FOREIGN_LINK = 'foreignLink';

/**
 * The Graph SDK as a transport. Its retry and redirect handlers are left out: the caller's budget decides when to try
 * again, and a token never follows a redirect. The SDK sends the token to https and to known hosts only, hence
 * `customHosts`.
 */
export function createTransport(options: TransportOptions): Transport {
  const { graphUrl, acquireToken, skew, onAnswer, now = Date.now, timeoutMs = TIMEOUT_MS } = options;
  const authentication = new AuthenticationHandler({ getAccessToken: () => acquireToken() });
  authentication.setNext(fetchHandler);
  const client = Client.initWithMiddleware({
    middleware: authentication,
    baseUrl: `${graphUrl}/`,
    defaultVersion: 'v1.0',
    customHosts: new Set([new URL(graphUrl).hostname]),
  });
  const prefix = `${graphUrl}/v1.0/`;

  /** Its times are Graph's. */
  const exchange = async ({ method, path, body, headers = {}, what }: GraphRequest, token: string) => {
    const request = client
      .api(path)
      .headers(headers)
      .options({ signal: AbortSignal.timeout(timeoutMs), redirect: 'manual' })
      .middlewareOptions([new AuthenticationHandlerOptions({ getAccessToken: () => Promise.resolve(token) })])
      .responseType(ResponseType.RAW);
    const begun = performance.now();
    try {
      const response = await send(request, method, body);
      // Both by the clock as it is now: it may have been set since the request left.
      const receivedAt = now();
      const sentAt = receivedAt - (performance.now() - begun);
      const date = Date.parse(response.headers.get('date') ?? '');
      if (Math.abs(date - receivedAt) < UNBELIEVABLE_MS) skew.observe({ sentAt, receivedAt, date });
      onAnswer?.({ method, status: response.status, seconds: (receivedAt - sentAt) / 1_000 });
      const ahead = skew.value() ?? 0;
      const times = { sentAt: sentAt - ahead, receivedAt: receivedAt - ahead };
      return { ...times, response, body: await readBody(response, what) };
    } catch (error) {
      throw isFailure(error) ? error : toNetworkFailure(error, what);
    }
  };

  return async (request) => {
    const { path, what } = request;
    if (!path.startsWith(prefix) && !isOwnPath(path))
      throw new Failure('graph.malformed', `${what}: Graph gave a link to another place`, {
        retryable: false,
        details: { [FOREIGN_LINK]: true },
      });
    // Asked for outside of the SDK's chain, which would make the token's own failure look like one of the network.
    let answer = await exchange(request, await acquireToken());
    // The cached token was revoked, or signed by a key that no longer counts: once more with a new one.
    if (answer.response.status === 401) answer = await exchange(request, await acquireToken({ fresh: true }));
    const { sentAt, receivedAt, response, body } = answer;
    const { status } = response;
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), receivedAt);
    if (!response.ok) throw toFailure({ status, body, retryAfterMs, what });
    const used = readUsed(response.headers.get('x-ms-throttle-limit-percentage'));
    return { status, body, observedAt: new Date(sentAt).toISOString(), used };
  };
}

/** The SDK takes the host from behind an `https://` wherever one stands, so a path has none. */
const isOwnPath = (path: string): boolean => /^\/(?!\/)/.test(path) && !/https?:\/\//i.test(path);

function readUsed(header: string | null): number | null {
  const used = header === null || header.trim() === '' ? Number.NaN : Number(header);
  return Number.isFinite(used) ? used : null;
}

type SdkRequest = ReturnType<Client['api']>;

function send(request: SdkRequest, method: GraphRequest['method'], body: object | undefined): Promise<Response> {
  const sending: Record<GraphRequest['method'], () => Promise<unknown>> = {
    GET: () => request.get(),
    POST: () => request.post(body ?? {}),
    PATCH: () => request.patch(body ?? {}),
    DELETE: () => request.delete(),
  };
  return sending[method]() as Promise<Response>;
}

/** A cut-off body must never look like an empty one. Errors may come without JSON; their status is enough. */
async function readBody(response: Response, what: string): Promise<unknown> {
  const text = await response.text();
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!response.ok || !response.headers.get('content-type')?.includes('json')) return null;
    throw new Failure('graph.malformed', `${what}: Graph's answer is not whole JSON`, {
      retryable: true,
      cause: error,
    });
  }
}

/** Last of the chain. The SDK keeps the message of what went wrong, not its cause, which alone names it. */
const fetchHandler: Middleware = {
  execute: async (context: Context) => {
    try {
      context.response = await fetch(context.request as string | Request, context.options);
    } catch (error) {
      throw new Error(nameCauses(error), { cause: error });
    }
  },
};

/** Codes and names only (ECONNRESET, TimeoutError, …): messages may hold what was asked. */
function nameCauses(error: unknown): string {
  const names: string[] = [];
  for (let cause = error; cause instanceof Error && names.length < 4; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    names.push(typeof code === 'string' ? code : cause.name);
  }
  return names.join(' < ');
}

const toNetworkFailure = (error: unknown, what: string): Failure => {
  const reason = error instanceof GraphError ? error.message : nameCauses(error);
  return new Failure('graph.unavailable', `${what}: Graph cannot be reached (${reason})`, { retryable: true });
};
