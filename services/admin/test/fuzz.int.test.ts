import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stringify } from 'yaml';
import {
  assertTenth,
  createResources,
  eventually,
  fuzzRuns,
  fuzzTimeout,
  headerValue,
  testServers,
  type RawCall,
} from '@muster/test-support';
import { problemDocument } from '../src/http/problem.js';
import { OPERATOR_KEY, bearer } from './admin-harness.js';
import { meant, startFuzzWorld, type FuzzWorld } from './fuzz-world.js';
import { fromSchema, spoil, type Schema } from './schema-arbitrary.js';
import { operator } from './simulated-tenant.js';

type Operation = {
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
};
type Target = { method: string; path: string; operation: Operation; body: Schema | undefined };

/** Answers that say what is wrong with a request; the rest would be a fault of ours. */
const isExpected = (status: number): boolean => status >= 200 && status < 500 && status !== 429;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const json = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.uuid(),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('', '__proto__', 'https://evil.example', { $gt: '' }, 'x'.repeat(10_000), 1e308, -1),
);
const fragment = fc.oneof(
  fc.constantFrom('', '*a', '&a ', '\t', '- ', ': ', '!!binary ', '"', '\n', '#'),
  fc.string({ maxLength: 4 }),
);
const raw = fc.string({ unit: 'binary', maxLength: 40 });
const yaml = fc.oneof(
  raw,
  fc.constantFrom(
    'integrations:\n  - &a [*a]',
    'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]',
    'integrations: [{tenantId: !!binary aGk=}]',
    '? [a]\n: b',
    '- \u0000',
    'integrations:\n  <<: {x: 1}',
  ),
  json.map((value) => `dryRun: true\nintegrations:\n  - ${JSON.stringify(value)}`),
);

type Sources = { shapes: Record<string, Schema>; keys: readonly string[] };
const toBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const isEmpty = (query: object): boolean => Object.keys(query).length === 0;

/** Requests to a route as its own schemas want them, under a key that may. */
function toGoodCalls({ method, path, operation, body }: Target, { shapes, keys }: Sources): fc.Arbitrary<RawCall> {
  const tools = { shapes, meant };
  const ofPlace = (place: string): fc.Arbitrary<Record<string, unknown>> => {
    const some = (operation.parameters ?? []).filter((one) => one.in === place);
    const properties = Object.fromEntries(some.map(({ name, schema }) => [name, schema ?? {}]));
    const required = some.filter((one) => one.required === true || place === 'path').map(({ name }) => name);
    return fromSchema({ type: 'object', properties, required }, tools) as fc.Arbitrary<Record<string, unknown>>;
  };
  return fc
    .record({
      ...{ params: ofPlace('path'), query: ofPlace('query'), key: fc.constantFrom(...keys) },
      body: body ? fromSchema(body, tools).map(toBytes) : fc.constant(null),
      address: fc.ipV4(),
    })
    .map(({ params, query, key, body: bytes, address }) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
      const given = Object.entries(query).filter(([, value]) => value !== undefined);
      const asked = new URLSearchParams(
        Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
      ).toString();
      return {
        method: method.toUpperCase(),
        path: `/api/v1${filled}${asked === '' ? '' : `?${asked}`}`,
        headers: {
          ...{ authorization: `Bearer ${key}`, 'x-forwarded-for': address, 'if-match': '*' },
          ...(bytes ? { 'content-type': 'application/json' } : {}),
        },
        body: bytes,
      };
    });
}

const oddHeaders = fc.record(
  {
    authorization: headerValue,
    'content-type': fc.oneof(
      fc.constantFrom('application/yaml', 'text/plain', 'application/json; charset=x', 'application/merge-patch+json'),
      headerValue,
    ),
    'if-match': fc.oneof(fc.constantFrom('"1"', 'W/"1"', '"999999999999999999999"'), headerValue),
    cookie: headerValue.map((value) => `muster-session=${value}`),
    origin: headerValue,
  },
  { requiredKeys: [] },
);
/** Nearly such a request: of body, path, query and headers one is spoilt. */
function toNearCalls(call: RawCall): fc.Arbitrary<RawCall> {
  const path = call.path.split('?')[0]!;
  const query = fc
    .dictionary(
      fc.oneof(fc.constantFrom('limit', 'cursor', 'integrationId', '__proto__'), raw),
      fc.oneof(raw, fc.uuid()),
    )
    .map((some) => ({ ...call, path: isEmpty(some) ? path : `${path}?${new URLSearchParams(some).toString()}` }));
  const place = fc
    .tuple(fc.nat({ max: path.split('/').length - 4 }), fc.oneof(fc.uuid(), raw, fc.constantFrom('a', '0', '..')))
    .map(([at, other]) => {
      const parts = path.split('/');
      parts[at + 3] = encodeURIComponent(other);
      return { ...call, path: parts.join('/') };
    });
  const headers = oddHeaders.map((odd) => ({ ...call, headers: { ...call.headers, ...odd } }));
  const anything = fc.oneof(
    json.map(toBytes),
    yaml.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  );
  const near = call.body && spoil(JSON.parse(call.body.toString()), json).map(toBytes);
  const bodies = near ? fc.oneof({ weight: 4, arbitrary: near }, anything) : anything;
  return fc.oneof(
    { weight: call.body ? 4 : 1, arbitrary: bodies.map((body) => ({ ...call, body })) },
    ...[query, place, headers].map((arbitrary) => ({ weight: 1, arbitrary })),
  );
}

describe('the API, whatever is sent there', () => {
  let fuzz: FuzzWorld;
  let targets: Target[];
  let shapes: Record<string, Schema>;
  /** By `POST /path`: how many requests were answered well. */
  const answered = new Map<string, number>();

  before(async () => {
    fuzz = await startFuzzWorld(createResources('api fuzz', testServers().mongodbUri), testServers());
    const { body: document } = await fuzz.world.admin.agent.get('/api/v1/openapi.json').set(operator).expect(200);
    targets = toTargets(document.paths);
    shapes = document.components.schemas;
  });
  after(() => fuzz.close());

  /** Sends it; what must be so of every answer. */
  const check = async (call: RawCall): Promise<number> => {
    // A new key or setup link is told once, to whoever made it: from the next answer on it is a secret, too.
    const secrets = fuzz.secrets();
    const { status, type, headers, text } = await fuzz.send(call);
    assert.ok(isExpected(status), `answered ${status}: ${text}`);
    if (status >= 400) {
      assert.match(type, /^application\/problem\+json/);
      problemDocument.parse(JSON.parse(text));
    }
    for (const secret of secrets) assert.ok(!text.includes(secret) && !headers.includes(secret), 'a secret comes back');
    return status;
  };

  it('each route answers one of the requests well that its own schemas describe', async function () {
    this.timeout(180_000);
    const unpleased: string[] = [];
    for (const target of targets) {
      const name = `${target.method.toUpperCase()} ${target.path}`;
      // The same ones each time: nothing here is left to chance.
      const calls = fc.sample(toGoodCalls(target, { shapes, keys: fuzz.keys.slice(1, -1) }), { numRuns: 60, seed: 1 });
      const seen: number[] = [];
      await fuzz.renew();
      for (const call of calls) {
        const status = await check(call);
        seen.push(status);
        if (status < 300) break;
      }
      if (!seen.some((status) => status < 300)) unpleased.push(`${name}: ${[...new Set(seen)].join()}`);
    }
    assert.deepEqual(unpleased, []);
  });

  it('no input is answered 5xx, each refusal is a problem document, and no secret comes back', async function () {
    this.timeout(fuzzTimeout(120_000));
    let good = 0;
    const { numRuns, ...runs } = fuzzRuns(600);
    const calls = fc.constantFrom(...targets).chain((target) =>
      fc.record({
        name: fc.constant(`${target.method.toUpperCase()} ${target.path}`),
        call: toGoodCalls(target, { shapes, keys: fuzz.keys.slice(1) }).chain((call) =>
          fc.oneof(fc.constant(call), toNearCalls(call)),
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(calls, async ({ name, call }) => {
        if ((await check(call)) >= 300) return;
        good += 1;
        answered.set(name, (answered.get(name) ?? 0) + 1);
      }),
      { numRuns, ...runs },
    );
    assertTenth(good, numRuns, 'were answered well');
    if (numRuns < 20_000) return;
    const names = targets.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    assert.deepEqual(
      names.filter((name) => !answered.has(name)),
      [],
      'never answered well',
    );
  });

  it('setup files as YAML, right, spoilt in a few places or any text: applied, or refused as a problem', async function () {
    this.timeout(fuzzTimeout(120_000));
    const target = targets.find(({ path }) => path === '/apply')!;
    const right = toGoodCalls(target, { shapes, keys: fuzz.keys.slice(1, -1) });
    const files = right.chain((call) => {
      const text = stringify(JSON.parse(call.body!.toString()));
      const spots = fc.array(fc.record({ at: fc.nat({ max: text.length }), gone: fc.nat({ max: 3 }), put: fragment }), {
        ...{ minLength: 1, maxLength: 3 },
      });
      const mutated = spots.map((some) =>
        some.reduce((held, { at, gone, put }) => held.slice(0, at) + put + held.slice(at + gone), text),
      );
      const body = fc.oneof({ weight: 2, arbitrary: fc.constant(text) }, mutated, yaml);
      return body.map((file) => ({
        ...{ ...call, headers: { ...call.headers, 'content-type': 'application/yaml' } },
        body: Buffer.from(file),
      }));
    });
    let applied = 0;
    const { numRuns, ...runs } = fuzzRuns(200);
    await fc.assert(
      fc.asyncProperty(files, async (call) => {
        if ((await check(call)) === 200) applied += 1;
      }),
      { numRuns, ...runs },
    );
    assertTenth(applied, numRuns, 'were applied');
  });

  it('and it still answers; behind a proxy that is trusted, the audit names who stood before it', async () => {
    const { agent } = fuzz.world.admin;
    await agent.get('/api/v1/status').set(bearer(OPERATOR_KEY)).expect(200);
    const forwarded = { 'X-Forwarded-For': '198.51.100.1, 203.0.113.9' };
    await agent.post('/api/v1/setup-links').set(operator).set(forwarded).expect(201);
    // Noted behind the answer; the newest of the fuzz are about as young.
    await eventually(async () => {
      const { body } = await agent.get('/api/v1/audit?limit=100').set(operator).expect(200);
      return body.items.some(
        ({ action, address }: Record<string, string>) => action === 'post /setup-links' && address === '203.0.113.9',
      );
    });
  });
});

/** Every operation but the stream, which has no end. */
const toTargets = (paths: Record<string, Record<string, Operation>>): Target[] =>
  Object.entries(paths)
    .filter(([path]) => path !== '/stream')
    .flatMap(([path, operations]) =>
      METHODS.flatMap((method): Target[] => {
        const operation = operations[method];
        if (!operation) return [];
        const body = operation.requestBody?.content['application/json']?.schema;
        return [{ method, path, operation, body }];
      }),
    );
