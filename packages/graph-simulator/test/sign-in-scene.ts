import { createHash, randomBytes } from 'node:crypto';
import request from 'supertest';
import { createSteppedClock } from '../src/clock.js';
import { createSimulator } from '../src/simulator.js';
import type { SimulatorOptions } from '../src/simulator.js';
import type { Send } from '@muster/test-support';
import { createBrowser } from '@muster/test-support';

export const START = Date.parse('2026-11-23T12:00:00Z');
export const DAY = 86_400_000;
export const BACK = 'https://app.example/back';
export const SCOPES = 'openid profile offline_access User.Read';
export type Fields = Readonly<Record<string, string | undefined>>;
type Named = { readonly id: string; readonly displayName: string; readonly userPrincipalName: string };
type Body = Record<string, unknown>;

const required = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the tenant has too few people');
  return value;
};

const present = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined));

export const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');
export const claimsOf = (token: unknown): Body =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as Body;

/** A tenant with people, one app that may come back to BACK, and a browser. */
export const setUpSignIn = async (options: SimulatorOptions = {}) => {
  const clock = createSteppedClock(START);
  const simulator = await createSimulator({ clock, ...options });
  const { control, app } = simulator;
  const { tenant } = control.createTenant({
    tenantId: '22222222-2222-4222-8222-222222222222',
    people: 12,
    groupMembers: 6,
    guests: 0,
    disabled: 0,
    redirectUris: [BACK],
  });
  const { admins } = control.describeSignIn(tenant.tenantId);
  const admin = required(admins[0]);
  const isAdmin = (id: string) => admins.some((one) => one.id === id);
  const people = (tenantId: string) => control.truth(tenantId).users as unknown as readonly Named[];
  const person = required(people(tenant.tenantId).find(({ id }) => !isAdmin(id)));

  const send: Send = async (method, address, { cookie, form }) => {
    const { pathname, search } = new URL(address);
    const call = method === 'GET' ? request(app).get(pathname + search) : request(app).post(pathname).type('form');
    const answer = await (form === null ? call : call.send(form)).set('cookie', cookie);
    const cookies = (answer.headers['set-cookie'] as string[] | undefined) ?? [];
    return { status: answer.status, location: answer.headers['location'] ?? null, cookies, text: answer.text };
  };
  const authorizeUrl = (change: Fields = {}, tenantName = tenant.tenantId) => {
    const query = { client_id: tenant.clientId, response_type: 'code', redirect_uri: BACK, scope: SCOPES, state: 'st' };
    const fields = new URLSearchParams(present({ ...query, ...change }));
    return `http://simulator.invalid/${tenantName}/oauth2/v2.0/authorize?${fields.toString()}`;
  };
  const ask = async (
    change: Fields,
    { tenantName = tenant.tenantId, headers = {} }: { tenantName?: string; headers?: Record<string, string> } = {},
  ) => {
    const fields = { client_id: tenant.clientId, client_secret: tenant.clientSecret ?? '', ...change };
    const call = request(app).post(`/${tenantName}/oauth2/v2.0/token`).set(headers).type('form').send(present(fields));
    const answer = await call;
    return { status: answer.status, body: answer.body as Body };
  };
  const browser = createBrowser(send);
  const chooseAnd = async (user: Pick<Named, 'id' | 'userPrincipalName'>) =>
    browser.choose(user.id, user.userPrincipalName);
  /** Walks the pages as the person and gives what went back to the app. */
  const walk = async (change: Fields = {}, user: Pick<Named, 'id' | 'userPrincipalName'> = person) => {
    await browser.open(authorizeUrl(change));
    if (browser.place().text.includes('Choose an account')) await chooseAnd(user);
    if (browser.place().text.includes('Permissions requested')) await browser.decide('accept');
    return Object.fromEntries(new URL(browser.place().address).searchParams);
  };
  const redeem = (code: string | undefined, change: Fields = {}) =>
    ask({ grant_type: 'authorization_code', code, redirect_uri: BACK, ...change });
  const refresh = (token: unknown, change: Fields = {}) =>
    ask({ grant_type: 'refresh_token', refresh_token: String(token), ...change });
  const graph = async (token: unknown, path: string) => {
    const answer = await request(app)
      .get(`/v1.0${path}`)
      .set('authorization', `Bearer ${String(token)}`);
    return { status: answer.status, body: answer.body as Body };
  };
  const newVerifier = () => randomBytes(32).toString('base64url');
  return {
    ...{ app, clock, simulator, control, tenant, admin, person, people, browser, chooseAnd },
    ...{ authorizeUrl, walk, ask, redeem, refresh, graph, newVerifier },
  };
};

export type Scene = Awaited<ReturnType<typeof setUpSignIn>>;
