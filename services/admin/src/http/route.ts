import { Router, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import type { KeyScope } from '@muster/store';
import { noteCall, type About } from '../audit/audit.js';
import { readPrincipal, type Principal } from '../keys/principal.js';
import { parse } from './parse.js';
import { Problem } from './problem.js';
import { readYaml } from './read-yaml.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export type RouteInput<P, Q, B> = {
  params: P;
  query: Q;
  body: B;
  principal: Principal;
  /** The revision in If-Match; null without one. */
  ifMatch: number | null;
};
export type RouteAnswer<R> =
  /** `about`: the integrations that it was about, for the audit, where the body names none or several. */
  | { body: R; headers?: Record<string, string>; about?: readonly About[]; send?: never }
  /** For what is no JSON, or never ends: headers are set, the rest is its own. Resolves when all is said. */
  | { send: (response: Response) => Promise<void>; headers: Record<string, string>; body?: never; about?: never };

/** Path, schemas and handler in one place: the router and the OpenAPI document are both made from it. */
export type RouteDefinition<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, R extends z.ZodType> = {
  method: Method;
  /** As in OpenAPI, below /api/v1: `/integrations/{integrationId}`. */
  path: string;
  summary: string;
  tag: 'integrations' | 'setup' | 'users' | 'status' | 'keys' | 'session' | 'audit' | 'about';
  /** Only an operator may; others get 403. */
  operatorOnly?: boolean;
  /** Also for people who may enter, but administer nothing; others get 403 from all but these. */
  everyone?: boolean;
  /** A key needs one of these; `read` for GET and `write` for the others when left out. */
  scopes?: readonly KeyScope[];
  /** Takes (`optional`) or needs (`required`) the revision that was read. */
  ifMatch?: 'optional' | 'required';
  params?: P;
  query?: Q;
  body?: B;
  /** Changes nothing, although it is no GET: kept out of the audit, which would drown in it. */
  changesNothing?: boolean;
  /** In the audit although it changes nothing. */
  audited?: boolean;
  /** Takes the body as YAML too. */
  yaml?: boolean;
  /** `types`: what it is in place of JSON. */
  answer: { status: 200 | 201 | 202 | 204; description: string; schema: R; types?: readonly string[] };
  /** Statuses of errors beyond 400, 401, 403, 429 and 503, which every route may give. */
  errors?: readonly number[];
  handle: (input: RouteInput<z.infer<P>, z.infer<Q>, z.infer<B>>) => Promise<RouteAnswer<z.input<R>>>;
};

export type Route = Omit<RouteDefinition<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType>, 'handle'> & {
  handle: (input: RouteInput<never, never, never>) => Promise<RouteAnswer<unknown>>;
};

export const defineRoute = <
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodUndefined,
  R extends z.ZodType = z.ZodType,
>(
  route: RouteDefinition<P, Q, B, R>,
): Route => route;

/** Nothing in the body; for 204. */
export const nothing = z.undefined();

export const toExpressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

export function createRouter(routes: readonly Route[]): Router {
  const router = Router();
  for (const route of routes) router[route.method](toExpressPath(route.path), toHandler(route));
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
    router.all(toExpressPath(path), () => {
      throw new Problem(405, `Here only ${allowed.join(', ')}.`, { headers: { Allow: allowed.join(', ') } });
    });
  }
  return router;
}

const toHandler =
  (route: Route): RequestHandler =>
  async (request, response) => {
    const principal = readPrincipal(response);
    const called = { action: `${route.method} ${route.path}`, target: toTarget(request) };
    const note = (about: readonly About[]): void => {
      if (isAudited(route)) noteCall(response, { ...called, about });
    };
    note([{ integrationId: called.target.integrationId ?? null }]);
    assertMay(route, principal);
    const input = {
      params: parse(route.params ?? z.object({}), request.params, 'path'),
      query: parse(route.query ?? z.strictObject({}), request.query, 'query'),
      body: readBody(route, request),
      principal,
      ifMatch: readIfMatch(route, request),
    };
    const answer = await route.handle(input as RouteInput<never, never, never>);
    if (answer.send) {
      await answer.send(response.status(route.answer.status).set({ 'Cache-Control': 'no-store', ...answer.headers }));
      return;
    }
    const integrationId = (answer.body as { integrationId?: unknown } | undefined)?.integrationId;
    if (answer.about) note(answer.about);
    else if (typeof integrationId === 'string') note([{ integrationId }]);
    response
      .status(route.answer.status)
      .set({ 'Cache-Control': 'no-store', ...answer.headers })
      // Parsed on the way out too: what the schema does not name never leaves.
      .send(route.answer.schema.parse(answer.body));
  };

const isAudited = ({ method, audited, changesNothing }: Route): boolean =>
  audited ?? (method !== 'get' && !changesNothing);

const toTarget = ({ params }: Request): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value).slice(0, 100)]));

function assertMay({ method, operatorOnly, everyone, scopes }: Route, principal: Principal): void {
  if (operatorOnly && principal.role !== 'operator')
    throw new Problem(403, 'Only an operator may do this; this key is a tenant admin’s.');
  if (!everyone && principal.role === 'member')
    throw new Problem(403, 'You may sign in here, but only an administrator sees this.');
  const needed = scopes ?? [method === 'get' ? 'read' : 'write'];
  if (!needed.some((scope) => principal.scopes.includes(scope)))
    throw new Problem(403, `This key needs the scope ${needed.join(' or ')}; it has ${principal.scopes.join(', ')}.`);
}

function readBody(route: Route, request: Request): unknown {
  if (!route.body) return undefined;
  if (route.yaml && request.is(YAML_TYPES) !== false && typeof request.body === 'string')
    return parse(route.body, readYaml(request.body), 'body');
  // `is` answers null when there is no body at all: then the schema says what is missing.
  if (request.is('application/json') === false)
    throw new Problem(415, 'The body must be JSON, with Content-Type: application/json.');
  return parse(route.body, request.body ?? {}, 'body');
}

/** Media types of YAML (RFC 9512), and what was used before there was one. */
export const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml'];

function readIfMatch(route: Route, request: Request): number | null {
  if (route.ifMatch === undefined) return null;
  const text = request.get('if-match');
  if (text === undefined && route.ifMatch === 'required')
    throw new Problem(428, 'Read the integration first and send its ETag as If-Match.');
  if (text === undefined || text.trim() === '*') return null;
  const revision = /^(?:W\/)?"(\d+)"$/.exec(text.trim())?.[1];
  if (revision === undefined) throw new Problem(412, 'If-Match is not an ETag that was given out here.');
  return Number(revision);
}
