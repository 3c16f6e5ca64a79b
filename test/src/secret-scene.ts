import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { hashPassword, signClientState } from '@muster/contracts';
import { createSealer, toTokensContext } from '@muster/store';
import { eventually, makeCertificate, type Evidence, type KnownSecret } from '@muster/test-support';
import type { Browser, BrowserContext } from 'playwright-core';
import { createAdminClient, type AdminClient } from './admin-client.js';
import { startAlertHook, type AlertHook } from './alert-hook.js';
import { startBrowser, visit, type Visitor } from './browser.js';
import { listenTo } from './evidence.js';
import { chooseAccount, signInAs } from './sign-in-as.js';
import type { SimulatedTenant, TrueUser } from './simulator-client.js';
import { startTestSystem, type System } from './system.js';

const SCOPES = ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All'];
const IN_A_YEAR = new Date(Date.now() + 400 * 86_400_000).toISOString();
/** Somebody's principal name, in the settings only. */
export const OPERATOR = 'grace.operator@elsewhere.example';
const random = (): string => randomBytes(24).toString('base64url');
/** The answers in which a session begins carry its id, in Set-Cookie. */
const SESSION_BEGINS = /^(GET \/(oauth2callback|setup-link)\b|POST \/session)/;

/** A system in which everything is done that handles a secret; what it answered and which secrets there were is kept. */
export async function createSecretScene() {
  const secrets: KnownSecret[] = [];
  const heard: Evidence[] = [];
  const listeners: ReturnType<typeof listenTo>[] = [];
  const keep = (name: string, value: string, shownIn?: RegExp): string => {
    secrets.push({ name, value, ...(shownIn ? { shownIn } : {}) });
    return value;
  };
  const hear = (where: string, text: string): void => void heard.push({ where, text });

  const password = keep('break-glass password', random());
  const browser = await startBrowser();
  const system = await startTestSystem({
    label: 'secrets',
    env: {
      ...{
        LOG_LEVEL: 'debug',
        ALERT_PRIVATE_HOSTS: 'localhost,127.0.0.1',
        BREAK_GLASS_HASH: await hashPassword(password),
      },
      OPERATORS: `${randomUUID()}/${OPERATOR}`,
    },
  });
  for (const [name, value] of Object.entries(system.keys)) keep(name, value);
  const newKey = randomBytes(32);
  keep('new sealing key', newKey.toString('base64'));
  const admin = createAdminClient(system.origins.admin, system.keys.MUSTER_BOOTSTRAP_KEY, hear);
  const hook = await startAlertHook();
  const tools: Tools = { system, browser, admin, hook, password, keep, hear, listeners };
  let delegatedId = '';

  return {
    system,
    hear,
    secrets: () => secrets,
    newKeyId: createHash('sha256').update(newKey).digest('hex').slice(0, 12),
    connectDelegated: async () => {
      delegatedId = await connectDelegated(tools);
    },
    connectByCertificate: () => connectByCertificate(tools),
    signInMember: () => signInMember(tools, delegatedId),
    tellAlerts: () => tellAlerts(tools),
    useKeys: () => useKeys(tools),
    forgeNotifications: () => forgeNotifications(tools),
    readEverything: () => readEverything(tools, delegatedId),
    startAdminWithNewKey: () => {
      const keys = [newKey.toString('base64'), system.keys.MUSTER_KEYS].join(',');
      return system.startCopy('admin', 'admin-2', { keys: { MUSTER_KEYS: keys } });
    },
    /** All that was answered, also to browsers and by the webhook's other side. */
    answers: async (): Promise<Evidence[]> => [
      ...heard,
      ...(await Promise.all(listeners.map(({ settle }) => settle()))).flat(),
      ...hook.got().map((text) => ({ where: 'POST to the webhook', text })),
    ],
    stop: async () => {
      await browser.close();
      hook.stop();
      await system.stop();
    },
  };
}
export type SecretScene = Awaited<ReturnType<typeof createSecretScene>>;

type Tools = {
  system: System;
  browser: Browser;
  admin: AdminClient;
  hook: AlertHook;
  password: string;
  keep: (name: string, value: string, shownIn?: RegExp) => string;
  hear: (where: string, text: string) => void;
  listeners: ReturnType<typeof listenTo>[];
};

async function openBrowser({ browser, system, listeners }: Tools, key?: string): Promise<Visitor> {
  const visitor = await visit(browser, system.origins.admin, key === undefined ? {} : { key });
  listeners.push(listenTo(visitor.context, system.origins.admin));
  return visitor;
}

async function keepSession({ system, keep }: Tools, context: BrowserContext, whose: string): Promise<void> {
  const cookies = await context.cookies(system.origins.admin);
  const session = cookies.find(({ name }) => name === 'muster-session');
  if (!session) throw new Error(`${whose}: no session began`);
  keep(`session id ${whose}`, session.value, SESSION_BEGINS);
}

const newTenant = ({ system }: Tools, plan: object): Promise<SimulatedTenant> =>
  system.simulator.createTenant({
    ...{ people: 20, groupMembers: 10, nestedGroups: 0, guests: 0, disabled: 0 },
    redirectUris: [`${system.origins.admin}/oauth2callback/microsoft`],
    ...plan,
  });

const toBody = ({ tenantId, clientId, clientSecret, secretExpiresAt, groupId }: SimulatedTenant, name: string) => ({
  ...{ name, tenantId, clientId, clientSecret, secretExpiresAt, groupId },
  cloud: 'custom',
});

const untilLoaded = ({ system }: Tools, { tenantId }: SimulatedTenant, people: number): Promise<unknown> =>
  eventually(async () => (await system.store.users.count({ tenantId, inGroup: true })) === people, {
    within: 60_000,
    what: 'the first load is whole',
  });

/** By consent of an admin, in a browser; its tokens are known afterwards. */
async function connectDelegated(tools: Tools): Promise<string> {
  const { system, admin, keep } = tools;
  const tenant = await newTenant(tools, { permissions: [] });
  keep('client secret of the delegated app', tenant.clientSecret);
  const path = `/tenants/${tenant.tenantId}`;
  const requestedScopes = ['openid', 'profile', 'offline_access', ...SCOPES];
  await system.simulator.call('PATCH', `${path}/apps/${tenant.clientId}/registration`, { requestedScopes });
  const { admins } = await system.simulator.call('GET', `${path}/sign-in`);
  const roles = ['Global Administrator', 'Global Reader'];
  await system.simulator.call('PATCH', `${path}/users/${admins[0].id}/sign-in`, { roles });
  const { integrationId } = await admin.post('/integrations', { ...toBody(tenant, 'Delegated'), consent: 'delegated' });

  const { context, page, leave } = await openBrowser(tools, system.keys.MUSTER_BOOTSTRAP_KEY);
  await keepSession(tools, context, 'by key');
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === '/oauth2callback/microsoft') keep('authorization code', searchParams.get('code') ?? random());
  });
  const headers = { origin: system.origins.admin };
  const begun = await context.request.post(`/api/v1/integrations/${integrationId}/consent`, { data: {}, headers });
  await page.goto((await begun.json()).url);
  await chooseAccount(page, admins[0]);
  await page.waitForURL(/consent=granted/);
  await leave();

  await keepTokens(tools, integrationId);
  await admin.post(`/integrations/${integrationId}/start`);
  await untilLoaded(tools, tenant, 10);
  return integrationId;
}

/** What a consent gave lies sealed in the database; MSAL's cache in it holds the refresh token. */
async function keepTokens({ system, keep }: Tools, integrationId: string): Promise<void> {
  const record = await system.store.tokenCaches.get(integrationId);
  const sealer = createSealer([Buffer.from(system.keys.MUSTER_KEYS, 'base64')]);
  const tokens = JSON.parse(sealer.open(record?.sealed ?? '', toTokensContext(integrationId)));
  keep('access token', tokens.accessToken);
  const { RefreshToken } = JSON.parse(tokens.cache);
  for (const { secret } of Object.values<{ secret: string }>(RefreshToken)) keep('refresh token', secret);
}

/** An app whose secret fails at first, then works from the other slot, and ends on a certificate. */
async function connectByCertificate(tools: Tools): Promise<void> {
  const { system, admin, keep } = tools;
  const tenant = await newTenant(tools, {});
  const app = `/tenants/${tenant.tenantId}/apps/${tenant.clientId}`;
  const typed = {
    ...toBody(tenant, 'Certificate'),
    clientSecret: keep('client secret that is wrong', `8Q~${random()}`),
  };
  const { integrationId } = await admin.post('/integrations', typed);
  const path = `/integrations/${integrationId}`;
  await admin.call('POST', `${path}/check`);
  await admin.call('POST', `${path}/start`);
  const isRefused = async () =>
    (await system.store.tenantHealth.ofIntegration(integrationId)).some(({ state }) => state === 'quarantined');
  await eventually(isRefused, { within: 60_000, what: 'the wrong secret is noticed' });

  const put = async (rest: string, body: object): Promise<void> => {
    const { headers } = await admin.call('GET', path);
    const answer = await admin.call('PUT', path + rest, body, { 'if-match': headers.get('etag') ?? '' });
    if (answer.status !== 200) throw new Error(`PUT ${rest}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  keep('client secret in slot b', tenant.clientSecret);
  await put('/secrets/b', { clientSecret: tenant.clientSecret, secretExpiresAt: IN_A_YEAR });
  await admin.post(`${path}/secrets/b/use`);
  const { certificate, privateKey } = await makeCertificate();
  keep('private key', privateKey);
  await system.simulator.call('POST', `${app}/certificates`, { pem: certificate });
  await put('/certificate', { certificate, privateKey });
  await admin.post(`${path}/secrets/certificate/use`);
  await untilLoaded(tools, tenant, 10);
}

async function signInMember(tools: Tools, integrationId: string): Promise<void> {
  const { system } = tools;
  const settings = await system.store.integrations.get(integrationId);
  const people: TrueUser[] = await system.simulator.truth(settings?.tenantId ?? '');
  const person = people.find(({ inGroup, userType }) => inGroup && userType === 'Member');
  if (!person) throw new Error('nobody is in the group');
  const { context, page, leave } = await openBrowser(tools);
  await signInAs(page, integrationId, person);
  await page.getByRole('heading', { level: 1, name: 'Who am I?' }).waitFor();
  await keepSession(tools, context, 'of a member');
  await leave();
}

/** The webhook works; nobody answers for the mail. */
async function tellAlerts({ admin, hook, keep }: Tools): Promise<void> {
  keep('path of the webhook', new URL(hook.url).pathname.slice(1));
  const { status, body } = await admin.call('PUT', '/alerts/targets', {
    webhook: { url: hook.url, secret: keep('secret of the webhook', random()) },
    email: {
      ...{ host: '127.0.0.1', port: 2525, security: 'tls', user: 'muster', password: keep('SMTP password', random()) },
      ...{ from: 'muster@example.org', to: ['ops@example.org'] },
    },
  });
  if (status !== 200) throw new Error(`the targets were refused: ${JSON.stringify(body)}`);
  const told = await admin.post('/alerts/targets/webhook/test');
  if (told.ok !== true) throw new Error(`the webhook was not told: ${JSON.stringify(told)}`);
  await admin.post('/alerts/targets/email/test');
}

/** API keys, a setup link and the break-glass password, each used. */
async function useKeys(tools: Tools): Promise<void> {
  const { system, admin, keep, hear, password } = tools;
  const made = await admin.post('/keys', { name: 'of a program', role: 'operator' });
  keep('API key', made.key, /^POST \/keys$/);
  await createAdminClient(system.origins.admin, made.key, hear).get('/status');
  const { url } = await admin.post('/setup-links');
  keep('token of a setup link', new URL(url).pathname.split('/').at(-1) ?? '', /^POST \/setup-links$/);
  const { context, page, leave } = await openBrowser(tools);
  await page.goto(url);
  await keepSession(tools, context, 'by setup link');
  const headers = { origin: system.origins.admin };
  const answer = await context.request.post('/session/break-glass', { data: { password }, headers });
  if (!answer.ok()) throw new Error(`break glass: ${answer.status()}`);
  await keepSession(tools, context, 'by password');
  await leave();
}

/** clientState as Graph sends it, and one that nobody signed. */
async function forgeNotifications({ system, keep, hear }: Tools): Promise<void> {
  const { subscriptions } = await system.simulator.call('GET', '/subscriptions');
  for (const { clientState } of subscriptions) keep('clientState of a subscription', clientState);
  const [{ tenantId, id: subscriptionId }] = subscriptions;
  const whose = { integrationId: subscriptionId, tenantId };
  const states = [signClientState(whose, system.clientStateKeys), signClientState(whose, [randomBytes(32)])];
  const value = states.map((clientState) => ({
    ...{ subscriptionId, tenantId, changeType: 'updated', resource: `Users/${subscriptionId}` },
    clientState: keep('clientState of a forger', clientState),
  }));
  const answer = await fetch(`${system.origins.receiver}/graph/notifications`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value }),
  });
  hear('POST /graph/notifications', await answer.text());
}

/** Every route that can be read, exports too, and what the services tell about themselves. */
async function readEverything({ system, admin, hear }: Tools, integrationId: string): Promise<void> {
  const { paths } = await admin.get('/openapi.json');
  const [person] = (await admin.get(`/users?integrationId=${integrationId}`)).items;
  const readable = Object.entries<Record<string, unknown>>(paths)
    .filter(([path, { get }]) => get !== undefined && path !== '/stream')
    .map(([path]) => path.replace('{integrationId}', integrationId).replace('{userId}', person.userId));
  const authorization = `Bearer ${system.keys.MUSTER_BOOTSTRAP_KEY}`;
  const urls = [...readable, '/users/export?format=ndjson'].map((path) => `${system.origins.admin}/api/v1${path}`);
  const ops = Object.entries(system.origins)
    .filter(([name]) => name !== 'simulator')
    .flatMap(([, origin]) => ['/metrics', '/healthz', '/readyz'].map((path) => origin + path));
  for (const url of [...urls, ...ops]) {
    const answer = await fetch(url, { headers: { authorization } });
    hear(`GET ${url}`, `${JSON.stringify([...answer.headers])}\n${await answer.text()}`);
  }
}
