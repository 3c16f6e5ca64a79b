import assert from 'node:assert/strict';
import { hashPassword, toPersonKey } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import type { Browser, Page } from 'playwright-core';
import { findBarriers, startBrowser, visit, type Visitor } from './src/browser.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { chooseAccount, signInAs } from './src/sign-in-as.js';
import type { TrueUser } from './src/simulator-client.js';
import { startTestSystem, type System } from './src/system.js';

const PASSWORD = 'correct horse battery staple';
const CUT_MS = 2_000;
const SOON = { timeout: 20_000 };
const SIGNED_OUT = 'How true is your directory?';

describe('signing in with Chromium', () => {
  let system: System;
  let browser: Browser;
  let a: Connected;
  let b: Connected;
  let visitor: Visitor;
  let page: Page;

  before(async () => {
    browser = await startBrowser();
    system = await startTestSystem({ label: 'sign-in', env: { BREAK_GLASS_HASH: await hashPassword(PASSWORD) } });
    const plan = { people: 30, groupMembers: 15, redirectUris: [`${system.origins.admin}/oauth2callback/microsoft`] };
    a = await connectTenant(system, { ...plan, name: 'Adatum' });
    b = await connectTenant(system, { ...plan, name: 'Bellows' });
  });
  beforeEach(async () => {
    visitor = await visit(browser, system.origins.admin);
    ({ page } = visitor);
  });
  afterEach(() => visitor.leave());
  after(async () => {
    await browser.close();
    await system.stop();
  });

  const documentOf = (userId: string) => system.store.users.get(toPersonKey(a.tenant.tenantId, userId));
  /** Somebody of tenant A, known to Muster unless outside the group. */
  async function addPerson(
    displayName: string,
    { inGroup = true, ...rest }: { inGroup?: boolean; userType?: 'Guest' } = {},
  ) {
    const body = { displayName, inGroup, ...rest };
    const person: TrueUser = await system.simulator.call('POST', `/tenants/${a.tenant.tenantId}/users`, body);
    if (inGroup)
      await eventually(async () => (await documentOf(person.id))?.ssoEnabled, { within: 60_000, what: displayName });
    return person;
  }
  const sayWho = async (person: TrueUser) => {
    await page.getByRole('heading', { level: 1, name: 'Who am I?' }).waitFor(SOON);
    for (const text of [
      person.displayName!,
      person.userPrincipalName,
      'The account is active and in the chosen group.',
    ])
      await page.getByText(text, { exact: true }).waitFor();
  };
  const sessionCookies = async () =>
    (await visitor.context.cookies(system.origins.admin)).filter(({ name }) => name === 'muster-session');
  const statusOf = async (path: string) => (await visitor.context.request.get(`/api/v1${path}`)).status();

  it('a member comes in by the integration’s own address, and sees who they are and why they may enter', async () => {
    const ada = await addPerson('Ada Member');
    await signInAs(page, a.integrationId, ada);
    await sayWho(ada);
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(visitor.complaints, []);
    const [cookie] = await sessionCookies();
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, cookie?.path], [true, 'Lax', '/']);
    await page.goto('/people');
    await sayWho(ada);
    for (const path of ['/users', '/status', '/integrations', '/audit', '/keys'])
      assert.equal(await statusOf(path), 403);
  });

  it('a guest who is in the group comes in too', async () => {
    const gus = await addPerson('Gus Guest', { userType: 'Guest' });
    await signInAs(page, a.integrationId, gus);
    await sayWho(gus);
  });

  it('an outsider is refused in plain words, with one button: another account', async () => {
    const olaf = await addPerson('Olaf Outsider', { inGroup: false });
    const mia = await addPerson('Mia Member');
    await signInAs(page, a.integrationId, olaf);
    const refusal = page.getByRole('alert');
    await refusal.getByText('The account is not in the group that may enter.').waitFor(SOON);
    assert.deepEqual(await findBarriers(page), []);
    assert.equal(await statusOf('/session'), 401);
    const ways = refusal.getByRole('link');
    assert.deepEqual(await ways.allInnerTexts(), ['Use another account']);
    await ways.click();
    await chooseAccount(page, mia);
    await sayWho(mia);
  });

  /** Open pages of the person show the way in again within 2 s of the document's change; the session is worth nothing. */
  async function expectCut(person: TrueUser, leave: () => Promise<unknown>, status: string): Promise<void> {
    await signInAs(page, a.integrationId, person);
    await sayWho(person);
    const second = await visitor.context.newPage();
    const opened = second.waitForResponse(/\/api\/v1\/stream$/);
    await second.goto('/me');
    await opened;
    await leave();
    const pages = [page, second].map((one) => one.getByRole('heading', { name: SIGNED_OUT }).waitFor(SOON));
    const shown = await Promise.all(pages.map((cut) => cut.then(() => Date.now())));
    const document = (await documentOf(person.id))!;
    assert.equal(document.status, status);
    for (const at of shown) {
      const ms = at - Date.parse(document.changedAt);
      assert.ok(ms < CUT_MS, `an open page was cut ${ms} ms after the document's change`);
    }
    assert.equal(await statusOf('/session'), 401);
  }

  it('whoever is taken out of the group is cut off, open pages too', async () => {
    const lea = await addPerson('Lea Leaver');
    const member = `/tenants/${a.tenant.tenantId}/groups/${a.tenant.groupId}/members/${lea.id}`;
    await expectCut(lea, () => system.simulator.call('DELETE', member), 'out-of-scope');
  });

  it('whoever is disabled is cut off, open pages too', async () => {
    const dan = await addPerson('Dan Disabled');
    const path = `/tenants/${a.tenant.tenantId}/users/${dan.id}`;
    await expectCut(dan, () => system.simulator.call('PATCH', path, { accountEnabled: false }), 'disabled');
  });

  it('a tenant admin sees the pages of the own tenant, and gets 404 for everything of another', async () => {
    const tim = await addPerson('Tim Admin');
    const admins = { people: [tim.userPrincipalName], groupId: null };
    const { status } = await system.admin.call('PUT', `/integrations/${a.integrationId}/admins`, admins);
    assert.equal(status, 200);
    await signInAs(page, a.integrationId, tim);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor(SOON);
    await page.goto('/people');
    await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
    assert.equal(await statusOf(`/integrations/${a.integrationId}`), 200);

    const [stranger] = (await system.admin.get(`/users?integrationId=${b.integrationId}&limit=1`)).items;
    const { paths } = await system.admin.get('/openapi.json');
    const ofB = Object.entries<Record<string, unknown>>(paths)
      .filter(([path, { get }]) => get !== undefined && /\{(integrationId|userId)\}/.test(path))
      .map(([path]) => path.replace('{integrationId}', b.integrationId).replace('{userId}', stranger.userId));
    assert.ok(ofB.length >= 8, String(ofB.length));
    for (const path of ofB) {
      const query = path.includes(b.integrationId) ? '' : `?integrationId=${b.integrationId}`;
      assert.equal(await statusOf(path + query), 404, path + query);
    }
    for (const path of ['/users', '/snapshots'])
      assert.equal(await statusOf(`${path}?integrationId=${b.integrationId}`), 404);
    await page.goto(`/people/${stranger.userId}`);
    await page.getByRole('alert').first().waitFor();
    assert.ok(!(await page.content()).includes(stranger.displayName));
  });

  it('a one-time setup link opens the pages once', async () => {
    const { url } = await system.admin.post('/setup-links');
    await page.goto(url);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor(SOON);
    const another = await visit(browser, system.origins.admin);
    await another.page.goto(url);
    await another.page.getByText('This setup link was used already, or has expired.').waitFor();
    await another.leave();
  });

  it('the break-glass admin comes in by password, and each try is in the audit', async () => {
    await page.goto('/');
    await page.getByText('Break glass', { exact: true }).click();
    const field = page.getByLabel('Password', { exact: true });
    await field.fill('a guess');
    await page.getByRole('button', { name: 'Break the glass' }).click();
    await page.getByRole('alert').getByText('This is not the break-glass password').waitFor();
    await field.fill(PASSWORD);
    await page.getByRole('button', { name: 'Break the glass' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor(SOON);
    const { items } = await system.admin.get('/audit?limit=20');
    const told = items.filter(({ action }: any) => /break-glass/.test(action)).map(({ outcome }: any) => outcome);
    assert.deepEqual(told, ['done', 'refused']);
  });

  it('signing out ends the session here and at the server', async () => {
    const sue = await addPerson('Sue Member');
    await signInAs(page, a.integrationId, sue);
    await sayWho(sue);
    const kept = await sessionCookies();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: SIGNED_OUT }).waitFor();
    assert.deepEqual(await sessionCookies(), []);
    await visitor.context.addCookies(kept);
    assert.equal(await statusOf('/session'), 401, 'a kept cookie opens nothing');
  });
});
