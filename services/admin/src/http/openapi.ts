import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { VERSION } from '@muster/runtime';
import { problemDocument } from './problem.js';
import type { Route } from './route.js';

export type OpenApiDocument = { openapi: '3.1.0'; paths: Record<string, unknown> } & Record<string, unknown>;

const ALWAYS = [400, 401, 403, 429, 503];

/** OpenAPI 3.1, made from the same routes that the router is made from. */
export function toOpenApi(routes: readonly Route[], publicUrl: string): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  const key = registry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' });
  const session = registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: publicUrl.startsWith('https:') ? '__Host-muster-session' : 'muster-session',
  });
  for (const route of routes) {
    registry.registerPath({
      method: route.method,
      path: route.path,
      operationId: toOperationId(route),
      summary: route.summary,
      tags: [route.tag],
      security: [{ [key.name]: [] }, { [session.name]: [] }],
      request: toRequest(route),
      ...(route.ifMatch ? { parameters: [toIfMatch(route.ifMatch === 'required')] } : {}),
      responses: toResponses(route),
    });
  }
  const document = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Muster',
      version: VERSION,
      description: 'A Microsoft 365 directory, true within seconds. Errors are RFC 9457 problem documents.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${publicUrl}/api/v1` }],
  });
  return { ...document, openapi: '3.1.0', paths: document.paths ?? {} };
}

const toOperationId = ({ method, path }: Route): string =>
  [
    method,
    ...path
      .split(/[/{}.-]+/)
      .filter(Boolean)
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1)),
  ].join('');

const toRequest = ({ params, query, body, yaml = false }: Route) => ({
  ...(params ? { params } : {}),
  ...(query ? { query } : {}),
  ...(body
    ? {
        body: {
          required: true,
          content: {
            'application/json': { schema: body },
            ...(yaml ? { 'application/yaml': { schema: body } } : {}),
          },
        },
      }
    : {}),
});

const toIfMatch = (required: boolean) => ({
  name: 'If-Match',
  in: 'header' as const,
  required,
  description: 'The ETag of the integration as it was read.',
  schema: { type: 'string' as const },
});

/** Whatever takes a body may refuse its size and type; whatever takes a revision, an old one. */
const toStatuses = ({ errors = [], body, ifMatch }: Route): number[] => [
  ...ALWAYS,
  ...errors,
  ...(body ? [413, 415] : []),
  ...(ifMatch ? [412] : []),
  ...(ifMatch === 'required' ? [428] : []),
];

function toResponses(route: Route) {
  const { answer } = route;
  const { status, schema, types = ['application/json'] } = answer;
  const content = status === 204 ? {} : { content: Object.fromEntries(types.map((type) => [type, { schema }])) };
  const problems = [...new Set(toStatuses(route))].sort();
  return {
    [status]: { description: answer.description, ...content },
    ...Object.fromEntries(
      problems.map((code) => [
        code,
        { description: 'A problem.', content: { 'application/problem+json': { schema: problemDocument } } },
      ]),
    ),
  };
}
