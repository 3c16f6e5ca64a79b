import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import type { Route } from './route.js';

const problem = z.object({
  error: z.string(),
  message: z.string().optional(),
  problems: z.array(z.object({ field: z.string(), problem: z.string() })).optional(),
});
const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });

const register = (registry: OpenAPIRegistry, one: Route) => {
  const { method, path, tag, summary, query, body, status, otherStatus, answer } = one;
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '');
  const params = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  registry.registerPath({
    method,
    path,
    tags: [tag],
    summary,
    operationId: `${method} ${path}`.replaceAll(/[^A-Za-z]+(.)?/g, (_all, next?: string) => (next ?? '').toUpperCase()),
    request: {
      ...(names.length > 0 && { params }),
      ...(query !== null && { query }),
      ...(body !== null && { body: json(body) }),
    },
    responses: {
      [status]: { description: 'done', ...(answer !== null && json(answer)) },
      ...(otherStatus !== null && {
        [otherStatus]: { description: 'was so already', ...(answer !== null && json(answer)) },
      }),
      ...(body !== null && { 413: { description: 'the body is larger than 1 MB', ...json(problem) } }),
      ...((query ?? body) !== null && {
        400: { description: 'a field is wrong; the answer names it', ...json(problem) },
      }),
      ...(names.length > 0 && { 404: { description: 'something in the path is not there', ...json(problem) } }),
      ...(method !== 'get' && { 409: { description: 'the state does not allow it', ...json(problem) } }),
    },
  });
};

/** The control API in OpenAPI 3.1, made of the schemas that check its calls. */
export const toOpenApi = (routes: readonly Route[]): object => {
  const registry = new OpenAPIRegistry();
  for (const one of routes) register(registry, one);
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Control of the Graph simulator',
      version: '1',
      description: 'Changes anything, knows the truth, sets faults and time. Without sign-in: keep it on loopback.',
    },
    servers: [{ url: '/_simulator' }],
  });
};
