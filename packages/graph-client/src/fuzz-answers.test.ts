import assert from 'node:assert/strict';
import { guid, instant, isFailure } from '@muster/contracts';
import { within } from '@muster/runtime';
import { createLogger } from '@muster/telemetry';
import { assertTenth, fuzzRuns, fuzzTimeout } from '@muster/test-support';
import fc from 'fast-check';
import type { z } from 'zod';
import { collectPages } from '../test/collect.js';
import {
  credentials,
  SECRETS,
  CODE,
  NONCE,
  VERIFIER,
  GROUP,
  TENANT,
  token,
  graphRefusal,
  READERS,
  PEOPLE,
  toBatch,
  batch,
  readUser,
  ours,
  sign,
  claims,
  goodHeader,
  usual,
  clientInfo,
  signedIn,
  discovery,
  jwks,
  open,
  tokens,
  isHonest,
  vaultOf,
  type Page,
} from '../test/fuzz-good.js';
import {
  answerOf,
  answers,
  createWire,
  GRAPH,
  LOGIN,
  REFRESH,
  SECRET,
  TOKEN,
  type Answer,
  type Asked,
  type Wire,
} from '../test/fuzz-wire.js';
import { createGraphFactory, createSignIn, type Graph, type TokenVault } from './index.js';

/** `graph.ts` and `sign-in.ts` name them. */
const CODES =
  /^(graph\.(throttled|unavailable|forbidden|unauthorized|not-found|gone|refused|conflict|no-licence|malformed)|token\.refused|sign-in\.untrusted)$/;
/** The longest that is ever paused for: a window of the report. */
const LONGEST_PAUSE_MS = 10_200;

let wire: Wire;
/** In order; when they are used up, the last good one. */
let graphAnswers: { next: Answer[]; last: unknown };
let loginAnswers: (path: string) => Answer;
const goodLogin = () => answerOf(token);

function reply({ url, body }: Asked): Answer {
  if (url.origin === LOGIN) return loginAnswers(url.pathname);
  if (url.origin !== GRAPH) return answerOf({ value: [] });
  return (
    graphAnswers.next.shift() ??
    answerOf(typeof graphAnswers.last === 'function' ? graphAnswers.last(body) : graphAnswers.last)
  );
}

const connect = (delegated?: TokenVault): Graph =>
  createGraphFactory({ logger: createLogger({ service: 'fuzz', level: 'silent' }) })({ ...credentials, delegated });

/** What it comes to; nothing but a Failure may go wrong, and no pause, address or text may be one that it should not. */
async function outcome<T>(work: () => Promise<T>): Promise<T | null> {
  wire.clear();
  try {
    return await within(work(), 30_000, () => assert.fail('never ends'));
  } catch (error) {
    if (!isFailure(error)) throw error;
    assertFailure(error);
    return null;
  } finally {
    assertTraffic();
  }
}

function assertFailure(error: unknown): void {
  assert.ok(isFailure(error), `not a Failure: ${String(error)}`);
  const { code, message, details, retryAfterMs = 0 } = error;
  assert.match(code, CODES);
  assertNoSecret(JSON.stringify([code, message, details]));
  assert.ok(retryAfterMs >= 0 && instant.safeParse(toTime(Date.now() + retryAfterMs)).success, `after ${retryAfterMs}`);
}
const toTime = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'no time');

function assertNoSecret(text: string): void {
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `${secret} is told: ${text}`);
}

function assertTraffic(): void {
  for (const { url, authorization, body } of wire.asked) {
    const held = [url.href, authorization ?? '', body].join(' ');
    // The keys of the sign-in may lie there, and are asked for without a token.
    if (url.origin === GRAPH) assert.match(authorization ?? 'Bearer', /^Bearer\b/);
    else if (url.origin === LOGIN && url.pathname.endsWith('/token')) assert.equal(authorization, null);
    else assertNoSecret(held);
    if (url.origin !== LOGIN) assert.ok(!`${url.href} ${body}`.includes(SECRET), 'the secret goes elsewhere');
  }
  for (const ms of wire.pauses) assert.ok(ms <= LONGEST_PAUSE_MS, `pauses for ${ms} ms`);
}

const script = (good: fc.Arbitrary<unknown>, length = 6): fc.Arbitrary<Answer[]> =>
  fc.array(answers({ good, bad: fc.constant(graphRefusal), echoes: [TOKEN] }), { minLength: 1, maxLength: length });

function assertPage({ rows, malformed, observedAt, nextLink, deltaLink }: Page, row: z.ZodType): void {
  for (const one of rows) assert.deepEqual(row.parse(one), one);
  assert.ok(malformed >= 0);
  assert.equal(instant.parse(observedAt), observedAt);
  if (deltaLink !== undefined) assert.ok((nextLink === null) !== (deltaLink === null), 'one link, and one only');
}

const redeem = () =>
  createSignIn({ credentials, redirectUri: 'https://muster.example/back' }).redeem({
    ...{ code: CODE, nonce: NONCE, codeVerifier: VERIFIER, scopes: ['User.Read', 'openid'] },
  });
const signInWith =
  (answer: Answer, about = answerOf(discovery), keys = answerOf(jwks)) =>
  (path: string): Answer =>
    path.endsWith('/token') ? answer : path.endsWith('/keys') ? keys : about;

describe('whatever Microsoft answers', () => {
  before(() => (wire = createWire(reply)));
  after(() => wire.stop());
  beforeEach(() => (loginAnswers = goodLogin));

  for (const [name, { read, pages, row, last = { value: [] } }] of Object.entries(READERS))
    it(`reading ${name} ends in rows as documented or in a Failure, and asks nobody else`, async function () {
      this.timeout(fuzzTimeout(20_000));
      const { numRuns, ...runs } = fuzzRuns(200);
      let well = 0;
      await fc.assert(
        fc.asyncProperty(script(pages), async (next) => {
          graphAnswers = { next: [...next], last };
          const all = await outcome(() => collectPages(read(connect())));
          for (const one of all ?? []) assertPage(one, row);
          if (all?.some(({ rows }) => rows.length > 0)) well += 1;
        }),
        { numRuns, ...runs },
      );
      assertTenth(well, numRuns, 'were read well');
    });

  it('reading people in a batch tells of each whom it was asked for, and of nobody else', async function () {
    this.timeout(fuzzTimeout(20_000));
    const { numRuns, ...runs } = fuzzRuns(200);
    let well = 0;
    await fc.assert(
      fc.asyncProperty(script(batch, 4), async (next) => {
        graphAnswers = { next: [...next], last: toBatch };
        const all = await outcome(() => connect().readUsers(PEOPLE, { groupId: GROUP }));
        if (all)
          assert.deepEqual(
            all.map(({ userId }) => userId),
            PEOPLE,
          );
        for (const one of all ?? []) {
          assert.deepEqual(readUser.parse(one), one);
          if (one.found === 'failed') assertFailure(one.failure);
          if (one.found === 'yes') assert.equal(one.user.userId, one.userId, 'another person');
        }
        if (all?.some(({ found }) => found === 'yes')) well += 1;
      }),
      { numRuns, ...runs },
    );
    assertTenth(well, numRuns, 'were read well');
  });

  it('a token is got or refused in our own words, and is shown to Graph alone', async function () {
    this.timeout(fuzzTimeout(20_000));
    const { numRuns, ...runs } = fuzzRuns(200);
    let well = 0;
    loginAnswers = signInWith(
      answerOf({
        ...token,
        refresh_token: REFRESH,
        client_info: clientInfo,
        scope: 'User.Read',
        id_token: sign(goodHeader, claims(), ours),
      }),
    );
    const first = await redeem();
    const spent = { version: '1', tokens: { ...first.tokens, expiresAt: new Date(0).toISOString() }, refused: null };
    await fc.assert(
      fc.asyncProperty(
        fc.array(tokens(fc.constant(token)), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (next, isPerson) => {
          const left = [...next];
          loginAnswers = () => left.shift() ?? goodLogin();
          graphAnswers = { next: [], last: { '@odata.count': 7 } };
          const { vault, port } = vaultOf(spent);
          const graph = connect(isPerson ? port : undefined);
          const count = await outcome(() => graph.countUsers());
          await outcome(() => graph.signIn());
          assertNoSecret(JSON.stringify(vault.kept.refused));
          if (count === 7) well += 1;
        },
      ),
      { numRuns, ...runs },
    );
    assertTenth(well, numRuns, 'were got');
  });

  it('who signs in is believed by an honest id token alone', async function () {
    this.timeout(fuzzTimeout(20_000));
    const { numRuns, ...runs } = fuzzRuns(200);
    let well = 0;
    const about = usual(answerOf(discovery), 8, open(discovery));
    const keys = usual(answerOf(jwks), 8, open(jwks));
    await fc.assert(
      fc.asyncProperty(tokens(signedIn), about, keys, async (...said) => {
        loginAnswers = signInWith(...said);
        const found = await outcome(redeem);
        if (!found) return;
        assert.deepEqual([found.person.tenantId, guid.parse(found.person.userId)], [TENANT, found.person.userId]);
        assert.ok(isHonest(JSON.parse(String(said[0].body)).id_token), 'a lie is believed');
        well += 1;
      }),
      { numRuns, ...runs },
    );
    assertTenth(well, numRuns, 'were believed');
  });
});
