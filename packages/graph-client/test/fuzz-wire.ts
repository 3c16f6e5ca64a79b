import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import fc from 'fast-check';

export const [GRAPH, LOGIN, ELSEWHERE] = ['https://graph.example', 'https://login.example', 'https://evil.example'];
export const SECRET = 'S3cr3t~of-the-app.0123456789abcdefghijkl';
const claims = Buffer.from('{"roles":["User.Read.All"],"scp":"User.Read"}').toString('base64url');
export const TOKEN = `e30.${claims}.c2lnbmF0dXJlLW9mLXRoZS1hY2Nlc3MtdG9rZW4`;
export const REFRESH = '0.AXoA-refresh-token-of-the-admin';

export type Answer = {
  status: number;
  headers: Record<string, string>;
  /** Null: the connection breaks before the head, an Error: amid the body. */
  body: string | Uint8Array | Error | null;
};
export type Asked = { url: URL; authorization: string | null; body: string };
export type Wire = ReturnType<typeof createWire>;

/** Stands for `fetch`, and ends each pause at once, though all clocks tell that it took its time. */
export function createWire(answer: (asked: Asked) => Answer) {
  const asked: Asked[] = [];
  const pauses: number[] = [];
  const kept = [Date.now.bind(Date), performance.now.bind(performance), timers.setTimeout, globalThis.fetch] as const;
  let skipped = 0;
  const put = (
    ...[date, monotonic, sleep, ask]: readonly [typeof Date.now, () => number, unknown, typeof fetch]
  ): void => {
    Date.now = date;
    performance.now = monotonic;
    Object.assign(timers, { setTimeout: sleep });
    globalThis.fetch = ask;
    syncBuiltinESMExports();
  };
  const pause = async (ms: number): Promise<void> => {
    pauses.push(ms);
    skipped += Math.max(0, Math.min(ms, 1e9));
    await new Promise(setImmediate);
  };
  const send = async (request: Request, hops = 0): Promise<Response> => {
    const [url, body] = [new URL(request.url), await request.clone().text()];
    const one = { url, authorization: request.headers.get('authorization'), body };
    asked.push(one);
    const response = toResponse(answer(one));
    const location = response.headers.get('location');
    if (!isRedirect(response.status) || location === null || request.redirect === 'manual') return response;
    if (request.redirect === 'error' || hops === 20 || !URL.canParse(location, url.href))
      throw new TypeError('fetch failed');
    return send(follow(request, response.status, new URL(location, url), body), hops + 1);
  };
  const [date, monotonic] = kept;
  put(
    () => date() + skipped,
    () => monotonic() + skipped,
    pause,
    (...call) => send(new Request(...call)),
  );
  const stop = (): void => put(...kept);
  const clear = (): void => {
    [asked.length, pauses.length, skipped] = [0, 0, 0];
  };
  return { asked, pauses, clear, stop };
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** As the standard says: to another origin without Authorization, and the body goes along with 307 and 308 only. */
function follow(request: Request, status: number, to: URL, body: string): Request {
  const headers = new Headers(request.headers);
  if (to.origin !== new URL(request.url).origin) headers.delete('authorization');
  const keeps = status >= 307 || request.method === 'GET';
  const method = keeps ? request.method : 'GET';
  return new Request(to.href, { method, headers, redirect: request.redirect, ...(method === 'GET' ? {} : { body }) });
}

function toResponse({ status, headers, body }: Answer): Response {
  if (body === null)
    throw new TypeError('fetch failed', { cause: Object.assign(new Error(TOKEN), { code: 'ECONNRESET' }) });
  const none = [204, 205, 304].includes(status);
  const broken = new ReadableStream({ pull: (controller) => controller.error(body) });
  return new Response(none ? null : body instanceof Error ? broken : body, { status, headers });
}

export const answerOf = (body: unknown, status = 200): Answer => ({
  ...{ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
});

/** What a time, a count or a share may look like in a header. */
const odd = fc.oneof(
  fc.constantFrom(
    '0',
    '1',
    '-1',
    '0.5',
    '7',
    '120',
    '1e5',
    '0x10',
    '1, 2',
    'NaN',
    'Infinity',
    '-Infinity',
    ' ',
    'soon',
  ),
  fc.constantFrom('Wed, 21 Oct 2015 07:28:00 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', '2026-13-45', 'Mon, 30 Feb 2026'),
  fc.constantFrom(
    'Fri, 31 Dec 9999 23:59:59 GMT',
    '+275760-09-13T00:00:00Z',
    '-271821-04-20T00:00:00Z',
    '1e300',
    '1e309',
  ),
  fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
  fc.double().map(String),
);
export const LINKS = [
  ...['/v1.0/users', `${ELSEWHERE}/v1.0/users`, `${GRAPH}.evil.example/v1.0/users`, `${GRAPH}@evil.example/v1.0/users`],
  ...[`${GRAPH}:444/v1.0/users`, 'http://graph.example/v1.0/users', '//evil.example/v1.0/users', `${GRAPH}/beta/users`],
  ...[`${GRAPH}/v1.0/../..//evil.example/`, `${GRAPH}/v1.0/\\evil.example/`, `${GRAPH}/v1.0/@${ELSEWHERE}/v1.0/`],
  ...[
    `${GRAPH}/v1.0/users?a=${ELSEWHERE}/`,
    `${GRAPH}/v1.0/users#${ELSEWHERE}`,
    `${GRAPH}/v1.0/%00%ff`,
    `${GRAPH}/v1.0/`,
  ],
  ...[`${GRAPH}/v1.0/users?$skiptoken=%`, `${GRAPH}/v1.0/users?$skiptoken=\ud800`, 'javascript:alert(1)', ' ', ''],
];
const link = fc.constantFrom(...LINKS);
const headers = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'application/json; charset=utf-16', 'text/html', 'x'),
    ...{ 'retry-after': odd, date: odd, 'x-ms-throttle-limit-percentage': odd, 'x-ms-throttle-scope': odd },
    ...{ 'x-ms-throttle-information': odd, location: link.filter((one) => !/[^ -~]/.test(one)) },
  },
  { requiredKeys: ['content-type'] },
);
const status = fc.oneof(
  { weight: 12, arbitrary: fc.constant(200) },
  { weight: 2, arbitrary: fc.constantFrom(302, 307, 308, 400, 401, 403, 404, 408, 409, 410, 429, 429, 503, 504) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
);

/** Whom and what the rows may name besides what they should. */
export const id = (last: number): string => `20000000-0000-4000-8000-00000000000${last}`;
const json = fc.oneof(
  fc.constantFrom(null, undefined, '', '__proto__', -1, 1e300, id(7), 'id', 'x'.repeat(3_000), '\u0000\ud800'),
  fc.constantFrom<unknown>([], {}, [null], [[]], { error: null }, '9999-12-31T23:59:59-14:00', '2026-02-30T00:00:00Z'),
  link,
  fc.jsonValue({ maxDepth: 3 }),
);
/** `echoes`: what the other side was sent, sent back. */
const spoilers = (echoes: readonly string[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 4, arbitrary: json }, fc.constantFrom(...echoes, ...echoes.map((one) => `AADSTS50173: ${one}`)));

type Place = { holder: Record<string, unknown>; key: string };
const placesIn = (value: unknown): Place[] => {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
};
/** With one to three of its fields, at any depth, made something else. */
export const spoil = (whole: fc.Arbitrary<unknown>, echoes: readonly string[]): fc.Arbitrary<unknown> =>
  fc
    .tuple(whole, fc.array(fc.tuple(fc.nat(), spoilers(echoes)), { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) => {
      const root = { value: structuredClone(value) };
      for (const [nth, by] of changes) {
        const places = placesIn(root.value);
        const place = places[nth % places.length];
        if (place) place.holder[place.key] = structuredClone(by);
      }
      return root.value;
    });

/** `bad`: how the other side refuses. `echoes`: what it was sent, and may repeat. */
export type Kinds = { good: fc.Arbitrary<unknown>; bad: fc.Arbitrary<unknown>; echoes: readonly string[] };
/** About half as they should be; of the rest most are spoilt in a few places, some are no such thing at all. */
export function answers({ good, bad, echoes }: Kinds): fc.Arbitrary<Answer> {
  const text = (value: unknown): string => JSON.stringify(value ?? null);
  const spoilt = fc.oneof({ weight: 3, arbitrary: spoil(good, echoes) }, spoil(bad, echoes), bad);
  const body = fc.oneof(
    { weight: 6, arbitrary: spoilt.map(text) },
    fc.tuple(good, fc.nat()).map(([value, at]) => text(value).slice(0, at % text(value).length)),
    spoilers(echoes).map(text),
    fc.uint8Array({ maxLength: 60 }),
    fc.constantFrom(null, new TypeError('terminated'), '['.repeat(50_000), '\ufeff{}', '{"value":[]}garbage'),
  );
  return fc.oneof(
    { weight: 6, arbitrary: good.map((value) => answerOf(value)) },
    { weight: 5, arbitrary: fc.record({ status, headers, body }) },
    { weight: 1, arbitrary: fc.record({ status, headers, body: good.map(text) }) },
  );
}
