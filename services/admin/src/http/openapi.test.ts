import assert from 'node:assert/strict';
import { createRoutes, type AdminDependencies } from '../app.js';
import type { Gate } from '../gate/create-gate.js';
import { toOpenApiPage } from './openapi-page.js';
import { toOpenApi } from './openapi.js';
import { createRouter } from './route.js';

/** Making routes calls nothing; only their handlers would. */
const dependencies = { now: () => new Date(), publicUrl: 'https://muster.example.com' } as AdminDependencies;

const notAsked = (): never => {
  throw new Error('not asked');
};

describe('OpenAPI', () => {
  const routes = createRoutes(
    { ...dependencies, store: {} as AdminDependencies['store'] },
    {
      gate: {} as Gate,
      audit: { note: notAsked, settled: notAsked },
      flows: { begin: notAsked, finish: notAsked, toClearCookie: notAsked },
      stillMay: () => Promise.resolve(true),
    },
  );
  const document = toOpenApi(routes, dependencies.publicUrl);
  const paths = document.paths as Record<string, Record<string, Record<string, unknown>>>;

  it('every route that the router has is in the document, and nothing else', () => {
    const registered = createRouter(routes).stack.flatMap(({ route }) => {
      const { path, stack } = route as unknown as { path: string; stack: { method?: string }[] };
      const methods = stack.flatMap(({ method }) => (method === undefined ? [] : [method]));
      return methods.map((method) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    });
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    assert.ok(described.length >= 16);
    assert.deepEqual(new Set(described), new Set(registered));
  });

  it('each operation has an id of its own, needs a key or session, and tells its problems', () => {
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    const ids = operations.map(({ operationId }) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const { security, responses } of operations) {
      assert.deepEqual(security, [{ apiKey: [] }, { session: [] }]);
      assert.ok(Object.keys(responses as object).includes('401'));
    }
  });

  it('a named shape that may be null says so', () => {
    const { schemas } = document.components as { schemas: Record<string, { properties: Record<string, object> }> };
    const [verdict, user] = [schemas.SetupVerdict!, schemas.User!];
    const orNull = (name: string) => ({ anyOf: [{ $ref: `#/components/schemas/${name}` }, { type: 'null' }] });
    assert.deepEqual([verdict.properties.action, user.properties.mfa], [orNull('SetupAction'), orNull('Mfa')]);
    assert.ok(!JSON.stringify(document).includes('"allOf"'), 'no shape and null at a time');
  });

  it('path parameters, bodies and shared schemas are described', () => {
    const edit = paths['/integrations/{integrationId}']?.patch as {
      parameters: { name: string; required: boolean }[];
      requestBody: { content: Record<string, { schema: { additionalProperties: unknown; properties: object } }> };
    };
    assert.deepEqual(edit.parameters.map(({ name, required }) => `${name} ${String(required)}`).sort(), [
      'If-Match true',
      'integrationId true',
    ]);
    const { schema } = edit.requestBody.content['application/json']!;
    assert.equal(schema.additionalProperties, false);
    assert.ok('clientSecret' in schema.properties);
    const { schemas } = document.components as { schemas: Record<string, unknown> };
    for (const name of ['Integration', 'User', 'Status', 'Problem', 'CheckResult']) assert.ok(name in schemas, name);
  });

  it('as a page it has every operation, no script, and no text that could be one', () => {
    const hostile = { ...document, paths: { ...paths, '/<script>': { get: paths['/status']?.get } } };
    const page = toOpenApiPage(hostile, 'docs.css');
    for (const operations of Object.values(paths))
      for (const { operationId } of Object.values(operations)) assert.ok(page.includes(`id="${String(operationId)}"`));
    assert.doesNotMatch(page, /<script|\sstyle=|\son[a-z]+="/);
    const targets = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(targets.has(id), id);
  });
});
