/** What the API says of a request that it refuses: RFC 9457, with the fields that are wrong. */
export type FieldProblem = { field: string; problem: string; cure: string };

export class ApiError extends Error {
  constructor(
    /** 0: no answer at all. */
    readonly status: number,
    readonly detail: string,
    readonly problems: readonly FieldProblem[] = [],
  ) {
    super(detail);
    this.name = 'ApiError';
  }
}

export type Answer<T> = { body: T; etag: string | null };
export type CallOptions = {
  body?: unknown;
  ifMatch?: string | null;
  signal?: AbortSignal;
  root?: string;
  /** The longest that a read may take; one that hangs would keep the page from asking anew. */
  withinMs?: number;
};

const API = '/api/v1';
const READ_WITHIN_MS = 60_000;

/** One call; throws ApiError for every answer that is not 2xx, and when there is none. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
  const { body, ifMatch = null, signal, root = API, withinMs = READ_WITHIN_MS } = options;
  const signals = [...(signal ? [signal] : []), ...(method === 'GET' ? [AbortSignal.timeout(withinMs)] : [])];
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (ifMatch !== null) headers['If-Match'] = ifMatch;
  const request = {
    method,
    headers,
    cache: 'no-store' as const,
    signal: AbortSignal.any(signals),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const { response, text } = await answerOf(`${root}${path}`, request).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'Muster does not answer. Check your connection; this page tries again by itself.');
  });
  const parsed = readJson(text);
  if (!response.ok) throw toError(response.status, parsed);
  return { body: parsed as T, etag: response.headers.get('etag') };
}

async function answerOf(url: string, request: RequestInit): Promise<{ response: Response; text: string }> {
  const response = await fetch(url, request);
  return { response, text: await response.text() };
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await call<T>('GET', path, signal ? { signal } : {})).body;

export const post = async <T>(path: string, body: unknown = {}): Promise<T> =>
  (await call<T>('POST', path, { body })).body;

/** `?a=b` of what is given; empty and missing values are left out. */
export function toQuery(values: Record<string, string | number | null | undefined>): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const text = new URLSearchParams(given).toString();
  return text === '' ? '' : `?${text}`;
}

function readJson(text: string): unknown {
  try {
    return text === '' ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

function toError(status: number, body: unknown): ApiError {
  const { detail, problems } = (body ?? {}) as { detail?: string; problems?: FieldProblem[] };
  return new ApiError(status, detail ?? `The service answered ${status}.`, problems ?? []);
}
