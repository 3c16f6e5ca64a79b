import type { ErrorRequestHandler, Response } from 'express';
import { z } from 'zod';
import { isFailure, plural } from '@muster/contracts';
import type { Logger } from '@muster/telemetry';

export const fieldProblem = z.object({
  field: z.string().describe('Where: dots between, empty for the whole.'),
  problem: z.string(),
  cure: z.string(),
});
export type FieldProblem = z.infer<typeof fieldProblem>;

/** RFC 9457. */
export const problemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    problems: z.array(fieldProblem).optional(),
  })
  .meta({ id: 'Problem' });

const TITLES: Record<number, string> = {
  400: 'The request is not valid',
  401: 'No valid key or session',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'In conflict with what is there',
  412: 'Changed in the meantime',
  413: 'The body is too large',
  415: 'The body is not JSON',
  428: 'If-Match is missing',
  429: 'Too many requests',
  500: 'Something went wrong here',
  503: 'A service that this needs does not answer',
};

export type ProblemOptions = { problems?: FieldProblem[]; headers?: Record<string, string>; cause?: unknown };

/** An answer that is an error; thrown anywhere below a route. */
export class Problem extends Error {
  readonly problems: FieldProblem[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    readonly status: number,
    readonly detail: string,
    options: ProblemOptions = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.problems = options.problems;
    this.headers = options.headers ?? {};
  }
}

export const notFound = (what: string): Problem => new Problem(404, `There is no ${what} here that this key may see.`);

export function sendProblem(response: Response, problem: Problem): void {
  const document: z.infer<typeof problemDocument> = {
    type: 'about:blank',
    title: TITLES[problem.status] ?? 'The request failed',
    status: problem.status,
    detail: problem.detail,
    instance: response.req.originalUrl.split('?')[0] ?? '',
    ...(problem.problems ? { problems: problem.problems } : {}),
  };
  response.status(problem.status).set(problem.headers).type('application/problem+json').send(JSON.stringify(document));
}

/** What body-parser and express throw: `status`, `type`, and whether the text may be shown. */
const httpError = z.object({ status: z.int().min(400).max(499), type: z.string().optional() });

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isFailure(error) && error.retryable) {
    const { code, retryAfterMs = 5_000 } = error;
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    return new Problem(503, `${toWords(code)} Try again in ${plural(seconds, 'second')}.`, {
      headers: { 'Retry-After': String(seconds) },
      cause: error,
    });
  }
  if (isFailure(error) && error.code === 'store.bad-cursor')
    return new Problem(400, 'The cursor is not one that this list gave.', {
      problems: [
        {
          field: 'cursor',
          problem: 'is not a cursor of this list',
          cure: 'Take nextCursor of the page before, or leave it out for the first page.',
        },
      ],
      cause: error,
    });
  const known = httpError.safeParse(error);
  if (!known.success) return new Problem(500, 'The log of the admin service says what.', { cause: error });
  const { status, type } = known.data;
  const detail: Record<string, string> = {
    'entity.parse.failed': 'The body is not JSON that can be read.',
    'entity.too.large': 'The body is larger than 64 KiB.',
  };
  return new Problem(status, detail[type ?? ''] ?? 'The request cannot be read.', { cause: error });
}

const toWords = (code: string): string => {
  if (code.startsWith('store.')) return 'MongoDB does not answer.';
  if (code === 'graph.throttled') return 'Microsoft Graph is throttling this app.';
  return code.startsWith('log.') ? 'Kafka does not answer.' : 'Microsoft Graph does not answer.';
};

export const problemHandler =
  (logger: Logger): ErrorRequestHandler =>
  (error, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const problem = toProblem(error);
    if (problem.status >= 500) logger.error({ err: error as unknown, status: problem.status }, 'request failed');
    sendProblem(response, problem);
  };
