import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  assertTenth,
  createResources,
  fuzzRuns,
  fuzzTimeout,
  headerValue,
  testServers,
  type RawCall,
} from '@muster/test-support';
import { OPERATOR_KEY } from './admin-harness.js';
import { meant, startFuzzWorld, type FuzzWorld } from './fuzz-world.js';

/** Whoever is nobody yet may ask for these. */
type Asked = Omit<RawCall, 'headers'> & { headers: Record<string, string>; key?: unknown };

const raw = fc.string({ unit: 'binary', maxLength: 40 });
const text = fc.oneof(
  raw,
  fc.uuid(),
  fc.constantFrom('', '//evil.example', '/\\evil.example', 'https://evil.example', '__proto__', 'x'.repeat(5_000)),
);
const segment = fc.oneof(text, fc.constantFrom('..', '%00', '%', '%ff')).map((part) => part.replaceAll(/[^!-~]/g, '.'));
const toQuery = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...names) }, raw), text), { maxLength: 5 })
    .map((pairs) => (pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`));

/** A form, JSON of the same, or neither. */
const toPost = (path: string, field: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<Asked> =>
  fc
    .record({ given: value, as: fc.constantFrom('form', 'json', 'raw'), any: fc.uint8Array({ maxLength: 60 }) })
    .map(({ given, as, any }): Asked => {
      const form = new URLSearchParams([[field, String(given)]]).toString();
      const body = as === 'form' ? form : as === 'json' ? JSON.stringify({ [field]: given }) : any;
      const type = as === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
      const key = as === 'raw' ? undefined : given;
      return { method: 'POST', path, headers: { 'content-type': type }, body: Buffer.from(body), key };
    });
const toGet = (path: string): Asked => ({ method: 'GET', path, headers: {}, body: null });

const gets = fc.oneof(
  segment.map((token) => toGet(`/setup-link/${token}`)),
  fc
    .tuple(
      fc.oneof({ weight: 3, arbitrary: meant['integrationId']!({}) as fc.Arbitrary<string> }, segment),
      toQuery(['returnTo']),
    )
    .map(([id, query]) => toGet(`/sign-in/${id}${query}`)),
  toQuery(['state', 'code', 'error', 'error_description', 'admin_consent', 'tenant', 'client_info']).map((query) =>
    toGet(`/oauth2callback/microsoft${query}`),
  ),
);
const posts = fc.oneof(
  toPost('/session', 'key', fc.oneof(fc.constant(OPERATOR_KEY), text, fc.jsonValue({ maxDepth: 2 }))),
  toPost('/session/break-glass', 'password', fc.oneof(text, fc.jsonValue({ maxDepth: 2 }))),
  toPost('/session/end', 'key', text),
  toPost('/session/sign-out', 'key', text),
);
const from = fc.record({
  'x-forwarded-for': fc.ipV4(),
  'sec-fetch-site': fc.constantFrom('same-origin', 'same-origin', 'none', 'cross-site'),
  cookie: fc.oneof(
    headerValue.map((value) => `muster-session=${value}`),
    fc
      .tuple(fc.uuid(), headerValue)
      .map(([id, value]) => `__Host-muster-flow-${id}=${value}; muster-flow-${id}=${value}`),
    headerValue,
  ),
});

describe('what somebody may ask who is nobody yet', () => {
  let fuzz: FuzzWorld;
  before(async () => {
    fuzz = await startFuzzWorld(createResources('sign-in fuzz', testServers().mongodbUri), testServers());
  });
  after(() => fuzz.close());

  it('no input is answered 5xx, tells a secret, leads to another site or begins a session without a key', async function () {
    this.timeout(fuzzTimeout(120_000));
    /** Of flows that were begun: what Microsoft would send back, and the cookie of the browser. */
    const begun: { state: string; cookie: string }[] = [];
    let good = 0;
    const { numRuns, ...runs } = fuzzRuns(600);
    const calls = fc.record({ asked: fc.oneof(gets, posts), from, back: fc.nat(), code: segment });
    const { origin: simulator } = new URL(fuzz.world.origin);
    await fc.assert(
      fc.asyncProperty(calls, async ({ asked, from: whence, back, code }) => {
        // Every other time somebody comes back who had begun.
        const flow = asked.path.startsWith('/oauth2callback') && back % 2 === 0 ? begun.pop() : undefined;
        const path = flow
          ? `/oauth2callback/microsoft?code=${code}&state=${encodeURIComponent(flow.state)}`
          : asked.path;
        const headers = { ...asked.headers, ...whence, ...(flow ? { cookie: flow.cookie } : {}) };
        const secrets = fuzz.secrets();
        const answer = await fuzz.send({ ...asked, path, headers });
        const heads = answer.headers.split('\n');
        const valuesOf = (name: string): string[] => heads.filter((_, at) => heads[at - 1]?.toLowerCase() === name);
        assert.ok(answer.status >= 200 && answer.status < 500, `answered ${answer.status}: ${answer.text}`);
        for (const secret of secrets)
          assert.ok(!answer.text.includes(secret) && !answer.headers.includes(secret), 'a secret comes back');

        const sessions = valuesOf('set-cookie').filter((cookie) => /muster-session=[^;]/.test(cookie));
        const mayBegin =
          asked.path === '/session' && asked.key === OPERATOR_KEY && whence['sec-fetch-site'] !== 'cross-site';
        assert.equal(sessions.length, mayBegin ? 1 : 0, `${asked.method} ${path}`);
        for (const place of valuesOf('location')) {
          const to = new URL(place, 'https://own.invalid');
          assert.ok(['https://own.invalid', simulator].includes(to.origin), place);
          const [cookie = ''] = valuesOf('set-cookie').map((one) => one.split(';')[0]!);
          if (to.origin === simulator) begun.push({ state: to.searchParams.get('state')!, cookie });
        }
        if (answer.status < 400 || flow) good += 1;
      }),
      { numRuns, ...runs },
    );
    assertTenth(good, numRuns, 'began a session or a flow, ended one, or came back from Microsoft');
  });
});
