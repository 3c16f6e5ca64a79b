import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import { createBrowser, fetchSend, testServers } from '@muster/test-support';
import { createSignIn, readSignInReturn, type AppCredentials, type BeginSignIn } from '../src/index.js';

export const BACK = 'http://localhost:4000/oauth2callback/microsoft';
type Person = { id: string; userPrincipalName: string };

type Tenant = ReturnType<Simulator['control']['createTenant']>['tenant'];
export type SignInScene = {
  simulator: Simulator;
  origin: string;
  tenant: Tenant;
  admin: Person;
  person: Person;
  credentials: AppCredentials & { clientSecret: string };
  stop: () => Promise<void>;
};

/** A simulator over TLS, a tenant with an admin, and a browser that walks its pages. */
export async function setUpSignIn(): Promise<SignInScene> {
  const { tlsCertFile, tlsKeyFile } = testServers();
  const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
  const simulator = await createSimulator({ tls, pagesPort: 0 });
  const origin = await simulator.start();
  const { tenant } = simulator.control.createTenant({ people: 20, disabled: 0, guests: 0, redirectUris: [BACK] });
  const { admins } = simulator.control.describeSignIn(tenant.tenantId);
  const people = simulator.control.truth(tenant.tenantId).users as unknown as Person[];
  const admin = admins[0]!;
  const person = people.find(({ id }) => admins.every((one) => one.id !== id))!;
  const credentials = {
    tenantId: tenant.tenantId,
    clientId: tenant.clientId,
    clientSecret: tenant.clientSecret ?? '',
    graphUrl: origin,
    loginUrl: origin,
  };
  return { simulator, origin, tenant, admin, person, credentials, stop: () => simulator.stop() };
}

/** Walks the pages as the person: what the browser brings back, and what has to be kept for it. */
export async function walk(
  credentials: AppCredentials,
  who: Person,
  { scopes = ['User.Read'], state = 'state-1', ...more }: Partial<BeginSignIn> = {},
  decision: 'accept' | 'leave' | 'refuse' = 'accept',
) {
  const signIn = createSignIn({ credentials, redirectUri: BACK });
  const begun = await signIn.begin({ scopes, state, ...more });
  const browser = createBrowser(fetchSend);
  await browser.open(begun.url);
  await browser.choose(who.id, who.userPrincipalName);
  if (/Permissions requested|An administrator must approve/.test(browser.place().text)) await browser.decide(decision);
  const back = new URL(browser.place().address);
  assert.equal(back.origin + back.pathname, BACK, browser.place().text);
  return { signIn, begun, scopes, returned: readSignInReturn(Object.fromEntries(back.searchParams)) };
}

/** The same to its end. */
export async function signInAs(credentials: AppCredentials, who: Person, options: Partial<BeginSignIn> = {}) {
  const { signIn, begun, scopes, returned } = await walk(credentials, who, options);
  assert.ok(returned?.kind === 'code', JSON.stringify(returned));
  return signIn.redeem({ code: returned.code, scopes, ...begun });
}
