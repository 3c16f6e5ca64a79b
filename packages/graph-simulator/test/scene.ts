import { SignJWT } from 'jose';
import request from 'supertest';
import type { SteppedClock } from '../src/clock.js';
import { createSteppedClock } from '../src/clock.js';
import type { Post, Posted } from '../src/delivery/post.js';
import type { KeptKey } from '../src/sign-in/signing-keys.js';
import { createKey, openKey } from '../src/sign-in/signing-keys.js';
import type { Simulator, SimulatorOptions } from '../src/simulator.js';
import { createSimulator } from '../src/simulator.js';

export const START = Date.parse('2026-11-23T12:00:00Z');
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const TENANT_ID = '11111111-1111-4111-8111-111111111111';
export const URL_A = 'https://receiver.example/notifications?key=1';
export const REPORT = '/reports/authenticationMethods/userRegistrationDetails';
/** What is true or false in a row of it. */
export const REPORT_FLAGS = [
  'isAdmin',
  'isMfaRegistered',
  'isMfaCapable',
  'isPasswordlessCapable',
  'isSsprRegistered',
  'isSsprEnabled',
  'isSsprCapable',
  'isSystemPreferredAuthenticationMethodEnabled',
];

export type Json = Record<string, unknown>;
export type Row = Json & { id: string };
export type Answer = {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Json & { value: Row[] };
};
export type Sent = {
  readonly at: number;
  readonly url: string;
  readonly body: string;
  readonly contentType: string;
  readonly timeout: number;
  readonly items: Json[];
};
/** What the endpoint answers, and after how many ms. */
export type Reply = { readonly posted: Posted; readonly ms?: number };

export const status = (code: number): Posted => ({ status: code, contentType: '', body: '' });

const tokenOf = (url: string) => new URL(url).searchParams.get('validationToken');
/** As a good receiver does it: the decoded token as plain text, 202 to everything else. */
export const goodReply = (url: string): Reply => {
  const token = tokenOf(url);
  const echoed: Posted = { status: 200, contentType: 'text/plain', body: token ?? '' };
  return { posted: token === null ? status(202) : echoed };
};

const createNetwork = (clock: SteppedClock) => {
  const sent: Sent[] = [];
  let reply: (url: string, body: string) => Reply = goodReply;
  const post: Post = (url, { body, contentType, timeout }) => {
    const items = body === '' ? [] : (JSON.parse(body) as { value: Json[] }).value;
    sent.push({ at: clock.now(), url, body, contentType, timeout, items });
    const { posted, ms = 0 } = reply(url, body);
    if (ms === 0) return Promise.resolve(posted);
    return new Promise((resolve) => {
      clock.after(Math.min(ms, timeout), () => resolve(ms > timeout ? 'timeout' : posted));
    });
  };
  return {
    post,
    sent,
    handshakes: () => sent.filter(({ url }) => tokenOf(url) !== null),
    notifications: () => sent.filter(({ url }) => tokenOf(url) === null),
    /** For handshakes too, where `url` carries the token. */
    replyWith: (next: (url: string, body: string) => Reply) => {
      reply = next;
    },
    /** Handshakes succeed, notifications end like this. */
    answerWith: (posted: Posted, ms = 0) => {
      reply = (url) => (tokenOf(url) === null ? { posted, ms } : goodReply(url));
    },
  };
};

const TENANT = { tenantId: TENANT_ID, people: 30, groupMembers: 20, guests: 2, disabled: 3, nestedGroups: 1 };

export type SceneOptions = SimulatorOptions & {
  readonly plan?: Parameters<Simulator['control']['createTenant']>[0];
  readonly clock?: SteppedClock;
};

let shared: KeptKey | undefined;
/** Making a key takes longer than most tests. */
const sharedKey = () => (shared ??= createKey());

/** A simulator on a stepped clock, with one tenant, a caller and a network of its own. */
export const createScene = async ({ plan, ...options }: SceneOptions = {}) => {
  const clock = options.clock ?? createSteppedClock(START);
  const network = createNetwork(clock);
  const simulator = await createSimulator({ clock, post: network.post, keys: [sharedKey()], ...options });
  const { control, app } = simulator;
  const { tenant } = control.createTenant({ ...TENANT, ...plan });

  const askToken = ({ tenantId, clientId, clientSecret } = tenant) =>
    request(app).post(`/${tenantId}/oauth2/v2.0/token`).type('form').send({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'https://graph.microsoft.com/.default',
    });
  let token = { text: '', at: -Infinity };
  const signIn = async () => {
    const { body } = (await askToken()) as { body: { access_token: string } };
    token = { text: body.access_token, at: clock.now() };
  };
  /** Acts for a person from now on, with these scopes. */
  const delegate = async (userId: string, scopes: readonly string[]) => {
    const { kid, privateKey } = openKey(sharedKey());
    const claims = { appid: tenant.clientId, oid: userId, tid: tenant.tenantId, scp: scopes.join(' ') };
    const text = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid })
      .setAudience('https://graph.microsoft.com')
      .setExpirationTime(clock.now() / 1000 + 3_600)
      .sign(privateKey);
    token = { text, at: clock.now() };
  };
  const call = async (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    { body, headers = {} }: { body?: object; headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    if (clock.now() - token.at > 30 * MINUTE) await signIn();
    const url = path.startsWith('http') ? new URL(path) : new URL(`/v1.0${path}`, 'http://x');
    const verb = method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete';
    const agent = request(app);
    const sending = agent[verb](url.pathname + url.search).set({ authorization: `Bearer ${token.text}`, ...headers });
    const answer = await (body === undefined ? sending : sending.send(body));
    return {
      status: answer.status,
      headers: answer.headers,
      body: answer.body as Answer['body'],
    };
  };
  const get = (path: string, headers: Record<string, string> = {}) => call('GET', path, { headers });

  /** Follows the links to the end. */
  const walk = async (first: string) => {
    const pages: Answer[] = [];
    for (let link: string | undefined = first; link !== undefined;) {
      const page: Answer = await get(link);
      if (page.status !== 200) throw new Error(`${page.status} ${JSON.stringify(page.body)}`);
      pages.push(page);
      link = page.body['@odata.nextLink'] as string | undefined;
    }
    const done = pages.at(-1)?.body['@odata.deltaLink'] as string | undefined;
    return { pages, rows: pages.flatMap(({ body }) => body.value), done: done ?? '' };
  };

  const subscribe = (change: object = {}) =>
    call('POST', '/subscriptions', {
      body: {
        changeType: 'updated,deleted',
        notificationUrl: URL_A,
        resource: 'users',
        expirationDateTime: new Date(clock.now() + DAY).toISOString(),
        clientState: 'a-secret',
        ...change,
      },
    });

  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  /** Steps the clock and lets what became due settle. */
  const pass = async (ms: number, step = ms) => {
    for (let passed = 0; passed < ms; passed += step) {
      clock.advance(step);
      await settle();
    }
  };
  const truth = () => control.truth(tenant.tenantId).users;
  const person = () => {
    const found = truth().find(({ accountEnabled, deletedDateTime }) => accountEnabled && deletedDateTime === null);
    if (found === undefined) throw new Error('nobody enabled lives in the tenant');
    return found;
  };
  const rename = (id = person().id, displayName = 'Renamed') =>
    control.updateUser(tenant.tenantId, id, { displayName });
  return {
    ...network,
    ...{
      clock,
      simulator,
      control,
      tenant,
      tenantId: tenant.tenantId,
      call,
      get,
      walk,
      subscribe,
      askToken,
      signIn,
      delegate,
    },
    ...{ pass, settle, truth, person, rename },
    items: () => network.notifications().flatMap(({ items }) => items),
    ledger: () => control.ledger(),
  };
};

export type Scene = Awaited<ReturnType<typeof createScene>>;

export const codeOf = ({ body }: Answer): string => (body['error'] as { code: string }).code;
export const messageOf = ({ body }: Answer): string => (body['error'] as { message: string }).message;
