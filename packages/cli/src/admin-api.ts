import { z } from 'zod';
import { CliError } from './cli-error.js';

/** Longer than any answer takes, the check of an integration with its calls to Microsoft included. */
const LIMIT_MS = 30_000;

const problem = z.object({
  title: z.string(),
  detail: z.string(),
  problems: z.array(z.object({ field: z.string(), problem: z.string(), cure: z.string() })).optional(),
});

export type Call<T extends z.ZodType> = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below /api/v1. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: object;
  /** The revision that was read: somebody else's edit in between is refused. */
  ifMatch?: number;
  answer: T;
};
export type AdminApi = { call: <T extends z.ZodType>(call: Call<T>) => Promise<z.infer<T>> };

/** The admin service over HTTP. Every failure becomes a {@link CliError}. */
export function createAdminApi(origin: string, key: string): AdminApi {
  return {
    async call({ method = 'GET', path, query = {}, body, ifMatch, answer }) {
      const url = toUrl(origin, path, query);
      const response = await send(url, {
        method,
        headers: {
          Authorization: `Bearer ${key}`,
          ...(body ? { 'Content-Type': 'application/json' } : {}),
          ...(ifMatch === undefined ? {} : { 'If-Match': `"${ifMatch}"` }),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      const given = toJson(await response.text());
      if (!response.ok) throw toError(response.status, given, url.origin);
      const parsed = answer.safeParse(given);
      if (!parsed.success)
        throw new CliError(`${url.origin} answers, but not as Muster does.`, 'Check MUSTER_URL.', {
          cause: parsed.error,
        });
      return parsed.data;
    },
  };
}

function toUrl(origin: string, path: string, query: NonNullable<Call<z.ZodType>['query']>): URL {
  if (!URL.canParse(origin) || !/^https?:$/.test(new URL(origin).protocol))
    throw new CliError(`MUSTER_URL is not an address: ${origin}.`, 'Write it like http://localhost:4000.');
  const url = new URL(`/api/v1${path}`, origin);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const { name, cause } = error as { name?: string; cause?: { code?: string } };
    if (name === 'TimeoutError')
      throw new CliError(
        `${url.origin} took longer than ${LIMIT_MS / 1_000} s.`,
        'Try again; see its log if it stays.',
        {
          cause: error,
        },
      );
    const tls = cause?.code !== undefined && /CERT|SELF_SIGNED|TLS|SSL/.test(cause.code);
    throw tls
      ? new CliError(`The certificate of ${url.origin} is not trusted.`, 'Set NODE_EXTRA_CA_CERTS to its CA file.', {
          cause: error,
        })
      : new CliError(`Nothing answers at ${url.origin}.`, 'Is Muster running? ./scripts/start', { cause: error });
  }
}

function toError(status: number, given: unknown, origin: string): CliError {
  const parsed = problem.safeParse(given);
  if (!parsed.success) return new CliError(`${origin} answers ${status}.`, 'Check MUSTER_URL.');
  const { detail, problems = [] } = parsed.data;
  if (status === 401)
    return new CliError('The API key is not known.', 'Set MUSTER_API_KEY, or run this where ./scripts/start runs.');
  if (problems.length === 0) return new CliError(detail, '');
  return new CliError(
    problems.map(({ field, problem: what }) => `${field} ${what}.`).join(' '),
    [...new Set(problems.map(({ cure }) => cure))].join(' '),
  );
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
