import { once } from 'node:events';
import { createRawHttp, makeCertificate, type RawAnswer, type RawCall } from '@muster/test-support';
import fc from 'fast-check';
import { OPERATOR_KEY, type Resources } from './admin-harness.js';
import { insertPerson, person } from './people-fixtures.js';
import type { Meant } from './schema-arbitrary.js';
import { connect, operator, startWorld, type Connected, type World } from './simulated-tenant.js';

/** A key may ask 2,000 times a minute; the long form asks oftener. */
const KEYS = 20;
const id = (kind: string, last: number): string => `00000000-0000-4000-8000-0000000000${kind}${last}`;

/** Stand in what is generated for what is there when it is sent: integrations and keys are removed, and made again. */
const [OWN, OTHER] = [id('a', 1), id('a', 2)] as const;
const [TENANT, OTHER_TENANT, CLIENT, GROUP] = [id('b', 1), id('b', 2), id('b', 3), id('b', 4)] as const;
const [KEY, SECRET] = [id('c', 1), 'the-client-secret-of-own'] as const;
/** Text of several lines, which the schema wants long. */
const [CERTIFICATE, PRIVATE_KEY] = ['certificate', 'private-key'].map((name) => `the-${name}-of-own-`.padEnd(70, '-'));
/** These are there as they are. */
const [PERSON, PLAN] = [id('d', 1), id('e', 1)] as const;
/** Stands in a header; a bearer token as any. */
const OWN_KEY = 'the-key-of-the-own-tenant-admin';
/** Of a webhook's address all but the origin and the last four characters is a secret. */
const HOOK_PATH = 'hook/the-path-that-tells-who-may-write';
const TARGETS = {
  webhook: { url: `https://localhost:9/${HOOK_PATH}-here`, secret: 'the-signing-secret-of-the-webhook' },
  email: {
    ...{ host: 'localhost', port: 2525, security: 'tls', user: 'muster', password: 'the-password-of-the-mail-server' },
    ...{ from: 'a@b.example', to: ['c@d.example'] },
  },
};
/** No integration is of these tenants at first. */
const SPARE = Array.from({ length: 5 }, (_, index) => id('f', index));

const stranger = fc.constantFrom(id('9', 1), id('9', 2));
const future = fc.constant(new Date(Date.now() + 400 * 86_400_000).toISOString());
const address = fc.constantFrom('a@b.example', 'c@d.example');

/** Nothing goes out of this machine: the only cloud is the simulator, and nobody listens at the addresses of alerts. */
export const meant: Meant = {
  integrationId: () => fc.oneof({ weight: 4, arbitrary: fc.constantFrom(OWN, OTHER) }, stranger),
  tenantId: () => fc.constantFrom(TENANT, OTHER_TENANT, ...SPARE),
  clientId: () => fc.constant(CLIENT),
  clientSecret: () => fc.constant(SECRET),
  secretExpiresAt: () => future,
  expiresAt: () => future,
  groupId: () => fc.constantFrom(GROUP, null),
  userId: () => fc.oneof({ weight: 4, arbitrary: fc.constant(PERSON) }, stranger),
  keyId: () => fc.oneof({ weight: 4, arbitrary: fc.constant(KEY) }, stranger),
  userIds: () => fc.constant([PERSON]),
  code: () => fc.constantFrom('access_denied', 'AADSTS65004', 'consent.denied'),
  planId: () => fc.oneof({ weight: 4, arbitrary: fc.constant(PLAN) }, stranger),
  features: () =>
    fc.constantFrom({ userSync: true, mfaVerification: false }, { userSync: true, mfaVerification: true }),
  // Beside a secret there is none; where it is asked for alone, it is one.
  certificate: ({ type }) => fc.constant(type === 'string' ? CERTIFICATE : undefined),
  privateKey: () => fc.constant(PRIVATE_KEY),
  cloud: () => fc.constant('custom'),
  url: () => fc.constant(TARGETS.webhook.url),
  secret: () => fc.constant(TARGETS.webhook.secret),
  password: () => fc.constant(TARGETS.email.password),
  host: () => fc.constant('localhost'),
  port: () => fc.constant(2525),
  from: () => address,
  to: () => fc.array(address, { minLength: 1, maxLength: 2 }),
  partition: () => fc.constant(0),
  offset: () => fc.constantFrom('0', '1'),
  cursor: () => fc.constant(undefined),
};

export type FuzzWorld = {
  world: World;
  send: (call: RawCall) => Promise<RawAnswer>;
  /** The operator's, with which the world is made; more of operators; last, one of a tenant's own admin. */
  keys: readonly string[];
  /** None of these may be in an answer to what is sent from here on. */
  secrets: () => string[];
  /** The own integration anew, started, with a person and a plan. */
  renew: () => Promise<void>;
  close: () => Promise<void>;
};

/** The API on a simulator, with two integrations of which each that a call removes is made again. */
export async function startFuzzWorld(
  resources: Resources,
  servers: Parameters<typeof startWorld>[1],
): Promise<FuzzWorld> {
  const world = await startWorld(resources, servers, { trustedProxies: ['loopback'] });
  const { agent, store, app } = world.admin;
  const pem = await makeCertificate();
  const held = new Map(
    [
      [CERTIFICATE, pem.certificate],
      [PRIVATE_KEY, pem.privateKey],
    ].map(([name = '', text]) => [name, JSON.stringify(text).slice(1, -1)]),
  );
  const secrets = new Set([OPERATOR_KEY, HOOK_PATH, TARGETS.webhook.secret, TARGETS.email.password]);
  for (const line of toBase64(pem.privateKey)) secrets.add(line);
  const makeKey = async (body: object) => {
    const { body: made } = await agent.post('/api/v1/keys').set(operator).send(body).expect(201);
    secrets.add(made.key);
    return made as { key: string; keyId: string };
  };
  const keys = [OPERATOR_KEY];
  for (let made = 0; made < KEYS; made += 1) keys.push((await makeKey({ name: 'fuzz', role: 'operator' })).key);

  const take = async (name: string, { tenant, integrationId }: Connected): Promise<void> => {
    held.set(name, integrationId);
    secrets.add(tenant.clientSecret!);
    if (name === OWN) {
      held.set(TENANT, tenant.tenantId).set(CLIENT, tenant.clientId).set(GROUP, tenant.groupId);
      held.set(SECRET, tenant.clientSecret!);
      await insertPerson(store, person(tenant.tenantId, PERSON, { status: 'active', ssoEnabled: true }));
      const at = '2026-01-01T08:00:00.000Z';
      await store.plans.save({
        ...{ planId: PLAN, integrationId, tenantId: tenant.tenantId, groupId: tenant.groupId },
        ...{ reason: 'too many', inScope: 20 },
        candidates: [{ userId: PERSON, why: 'absent', state: 'waiting' }],
        ...{ state: 'waiting', createdAt: at, updatedAt: at, decidedAt: null, decidedBy: null },
      });
      const url = `/api/v1/integrations/${integrationId}`;
      const { clientSecret, secretExpiresAt } = tenant;
      const second = { clientSecret, secretExpiresAt };
      await agent.put(`${url}/secrets/b`).set(operator).set('If-Match', '*').send(second).expect(200);
      await agent.post(`${url}/start`).set(operator).expect(200);
      held.set(OWN_KEY, (await makeKey({ name: 'own', role: 'tenant-admin', integrationId })).key);
    } else held.set(OTHER_TENANT, tenant.tenantId);
  };
  /** What is not there any more is made again. */
  const mend = async (): Promise<void> => {
    for (const name of [OWN, OTHER]) {
      const settings = held.has(name) ? await store.integrations.get(held.get(name)!) : null;
      if (!settings || settings.state === 'removed') await take(name, await connect(world, {}));
    }
    held.set(KEY, (await makeKey({ name: 'to be removed', role: 'operator' })).keyId);
  };
  await mend();
  keys.push(OWN_KEY);
  await agent.put('/api/v1/alerts/targets').set(operator).set('If-Match', '*').send(TARGETS).expect(200);
  const letter = { version: 1, reason: { code: 'c', message: 'm' }, value: null, at: '2026-01-01T08:00:00.000Z' };
  const origin = { topic: 'graph.observations', partition: 0, offset: '1', key: 'k' };
  const publisher = world.admin.eventLog.publisher();
  await publisher.start();
  const value = { ...letter, origin };
  await publisher.publish([0, 1].map(() => ({ topic: 'deadLetters' as const, key: 'k', value })));
  await publisher.stop();

  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const http = createRawHttp(server);
  const fill = (text: string): string =>
    [...held].reduce((filled, [name, actual]) => filled.replaceAll(name, actual), text);
  return {
    world,
    keys,
    secrets: () => [...secrets],
    renew: async () => {
      await agent
        .delete(`/api/v1/integrations/${held.get(OWN)}`)
        .set(operator)
        .set('If-Match', '*');
      await mend();
    },
    send: async ({ path, body, headers, ...call }) => {
      // Latin1 keeps all bytes as they are.
      const filled = body && Buffer.from(fill(body.toString('latin1')), 'latin1');
      const answer = await http.send({
        ...{ ...call, path: fill(path), body: filled },
        headers: { ...headers, authorization: fill(headers['authorization'] ?? '') },
      });
      if (answer.status === 201) for (const secret of toldOnce(answer.text)) secrets.add(secret);
      if (call.method === 'DELETE' && answer.status < 300) await mend();
      return answer;
    },
    close: async () => {
      http.close();
      server.close();
      await world.admin.stop();
    },
  };
}

/** The lines of a PEM, which also stand apart where its line ends are escaped. */
const toBase64 = (pem: string): string[] => pem.split('\n').filter((line) => /^[A-Za-z0-9+/]{64}$/.test(line));

/** A new API key and the token of a setup link: the answer that makes them is the only one that tells them. */
const toldOnce = (text: string): string[] =>
  [...text.matchAll(/"(muster_[\w-]{20,})"|\/setup-link\/([^"]+)"/g)].flatMap(([, key, token]) => key ?? token ?? []);
