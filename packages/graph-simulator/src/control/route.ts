import type { Router } from 'express';
import type { z } from 'zod';

export type Answer = { readonly status: number; readonly body?: unknown };
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

type Call<Q, B> = { readonly params: Readonly<Record<string, string>>; readonly query: Q; readonly body: B };

/** One call of the control API: the router and its OpenAPI document are both made of these. */
export type Route = {
  readonly method: Method;
  /** Parameters in braces, as OpenAPI writes them. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly query: z.ZodObject | null;
  readonly body: z.ZodType | null;
  readonly status: number;
  /** Comes in place of `status` when that is how it was already. */
  readonly otherStatus: number | null;
  readonly answer: z.ZodType | null;
  readonly run: (call: Call<unknown, unknown>) => Answer;
};

/** Keeps the types of query and body together with what handles them. */
export const route = <Q extends z.ZodObject = z.ZodObject, B extends z.ZodType = z.ZodUndefined>({
  query,
  body,
  answer,
  status = answer === undefined ? 204 : 200,
  otherStatus,
  run,
  ...head
}: Pick<Route, 'method' | 'path' | 'tag' | 'summary'> & {
  readonly query?: Q;
  readonly body?: B;
  readonly status?: number;
  readonly otherStatus?: number;
  readonly answer?: z.ZodType;
  readonly run: (call: Call<z.infer<Q>, z.infer<B>>) => unknown;
}): Route => ({
  ...head,
  query: query ?? null,
  body: body ?? null,
  status,
  otherStatus: otherStatus ?? null,
  answer: answer ?? null,
  run: (call) => {
    const result = run(call as Call<z.infer<Q>, z.infer<B>>);
    return result instanceof OtherStatus ? result : { status, body: result };
  },
});

/** For the answer whose status depends on what happened. */
export class OtherStatus {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {}
}

export const toExpressPath = (path: string): string => path.replaceAll(/\{([^}]+)\}/g, ':$1');

export const mount = (router: Router, routes: readonly Route[]): void => {
  for (const { method, path, query, body, run, answer } of routes)
    router[method](toExpressPath(path), (request, response) => {
      const result = run({
        params: request.params as Record<string, string>,
        query: query?.parse(request.query) ?? {},
        body: body?.parse(request.body ?? {}),
      });
      if (answer === null) response.status(result.status).end();
      else response.status(result.status).json(result.body);
    });
};
