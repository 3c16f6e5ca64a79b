import { AuthenticationHandler, Client, HTTPMessageHandler, ResponseType } from '@microsoft/microsoft-graph-client';
import { Failure, isFailure } from '@muster/contracts';
import type { ClockSkew } from './clock-skew.js';
import { readRetryAfter, toFailure } from './to-failure.js';

export type GraphRequest = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path below the version, or a link that Graph gave; links to another origin are refused. */
  path: string;
  body?: object;
  headers?: Record<string, string>;
  /** For messages: what is being done, in words. */
  what: string;
};
export type GraphAnswer = {
  status: number;
  body: unknown;
  /** When the request left, in Graph's clock. */ observedAt: string;
};
/** Rejects with a Failure on every status that is not 2xx. */
export type Transport = (request: GraphRequest) => Promise<GraphAnswer>;

export type TransportOptions = {
  graphUrl: string;
  acquireToken: (options?: { fresh?: boolean }) => Promise<string>;
  skew: ClockSkew;
  onAnswer?: (answer: { method: string; status: number; seconds: number }) => void;
};

const TIMEOUT_MS = 30_000;

/**
 * The Graph SDK as a transport. Its retry and redirect handlers are left out: the caller's budget decides when to try
 * again. The SDK sends the token to https and to known hosts only, hence `customHosts`.
 */
export function createTransport({ graphUrl, acquireToken, skew, onAnswer }: TransportOptions): Transport {
  const authentication = new AuthenticationHandler({ getAccessToken: () => acquireToken() });
  authentication.setNext(new HTTPMessageHandler());
  const client = Client.initWithMiddleware({
    middleware: authentication,
    baseUrl: `${graphUrl}/`,
    defaultVersion: 'v1.0',
    customHosts: new Set([new URL(graphUrl).hostname]),
  });
  const prefix = `${graphUrl}/v1.0/`;

  const attempt: Transport = async ({ method, path, body, headers = {}, what }) => {
    if (/^https?:/i.test(path) && !path.startsWith(prefix))
      throw new Failure('graph.malformed', `${what}: Graph gave a link to another place`, { retryable: false });
    const request = client.api(path).headers(headers).responseType(ResponseType.RAW);
    const sentAt = Date.now();
    try {
      const response = await send(request.option('signal', AbortSignal.timeout(TIMEOUT_MS)), method, body);
      const receivedAt = Date.now();
      const date = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(date)) skew.observe({ sentAt, receivedAt, date });
      onAnswer?.({ method, status: response.status, seconds: (receivedAt - sentAt) / 1_000 });
      const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), receivedAt);
      const answer = await readBody(response, what);
      if (!response.ok) throw toFailure({ status: response.status, body: answer, retryAfterMs, what });
      return {
        status: response.status,
        body: answer,
        observedAt: new Date(sentAt - (skew.value() ?? 0)).toISOString(),
      };
    } catch (error) {
      throw isFailure(error) ? error : toNetworkFailure(error, what);
    }
  };
  return async (request) => {
    try {
      return await attempt(request);
    } catch (error) {
      if (!isFailure(error) || error.code !== 'graph.unauthorized') throw error;
      // The cached token was revoked, or signed by a key that no longer counts: once more with a new one.
      await acquireToken({ fresh: true });
      return attempt(request);
    }
  };
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

/** The SDK wraps what fetch throws; the cause's code (ECONNRESET, …) is all that is kept. */
function toNetworkFailure(error: unknown, what: string): Failure {
  const codes: string[] = [];
  for (let cause = error; cause instanceof Error && codes.length < 4; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    codes.push(typeof code === 'string' ? code : cause.name);
  }
  return new Failure('graph.unavailable', `${what}: Graph cannot be reached (${codes.join(' < ')})`, {
    retryable: true,
  });
}
