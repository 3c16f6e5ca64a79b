import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import type { Browser } from 'playwright-core';
import { findBarriers, startBrowser, visit, type Screen } from './src/browser.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { examinePage, openPage } from './src/examine-page.js';
import { startTestSystem, type System } from './src/system.js';

const MICROSOFT = '/settings/integrations/microsoft-365';
const SCREENS: Screen[] = [
  { width: 1440, theme: 'light' },
  { width: 390, theme: 'dark' },
];

describe('the pages in Chromium', () => {
  let system: System;
  let browser: Browser;
  let connected: Connected;
  let userId: string;
  const key = () => system.keys.MUSTER_BOOTSTRAP_KEY;

  before(async () => {
    browser = await startBrowser();
    system = await startTestSystem({ label: 'pages' });
    connected = await connectTenant(system, { people: 120, groupMembers: 80, nestedGroups: 1 });
    const people = await system.admin.get('/users?limit=1');
    userId = people.items[0].userId;
    await system.admin.post('/keys', { name: 'A key with a long name '.repeat(5), role: 'operator' });
  });
  after(async () => {
    await browser.close();
    await system.stop();
  });

  const pages = (): [name: string, path: string, heading: RegExp][] => [
    ['overview', '/', /Overview/],
    ['lag', '/lag', /Lag/],
    ['subscriptions', '/subscriptions', /Subscriptions/],
    ['people', '/people', /People/],
    ['one person', `/people/${userId}`, /\S/],
    ['reconciles', '/reconciles', /Reconciles/],
    ['dead letters', '/dead-letters', /Dead letters/],
    ['alerts', '/alerts', /Alerts/],
    ['audit', '/audit', /Audit/],
    ['runbook', '/runbook', /Runbook/],
    ['keys', '/settings/keys', /API keys/],
    ['who am I', '/me', /Who am I/],
    ['integrations', MICROSOFT, /Microsoft 365/],
    ...[1, 2, 3, 4, 5].map((step): [string, string, RegExp] => [
      `setup, step ${step}`,
      `${MICROSOFT}/new/step-${step}`,
      /Connect Microsoft 365/,
    ]),
    ['setup of what runs', `${MICROSOFT}/${connected.integrationId}/step-5`, /Contoso/],
    ['secrets', `${MICROSOFT}/${connected.integrationId}/secrets`, /Secrets/],
    ['permissions', `${MICROSOFT}/${connected.integrationId}/permissions`, /Permissions/],
    ['administrators', `${MICROSOFT}/${connected.integrationId}/admins`, /Administrators/],
    ['a page that is not there', '/none', /no such page/],
  ];

  for (const screen of SCREENS)
    it(`each is accessible, fits ${screen.width} px and breaks no rule of the policy, ${screen.theme}`, async () => {
      const visitor = await visit(browser, system.origins.admin, { key: key(), screen });
      for (const [name, path, heading] of pages()) {
        await openPage(visitor, { name, path, heading });
        await examinePage(visitor, name, screen);
      }
      await visitor.leave();
    });

  it('signing in: a wrong key is told so, the right one opens the overview, signing out closes it', async () => {
    const { page, leave } = await visit(browser, system.origins.admin);
    await page.goto('/people');
    await page.getByRole('heading', { name: 'How true is your directory?' }).waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.getByLabel('API key', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('not known').waitFor();
    await page.getByLabel('API key', { exact: true }).fill(key());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'How true is your directory?' }).waitFor();
    await leave();
  });

  it('a change in the directory is seen on an open page without a reload', async () => {
    const { page, leave } = await visit(browser, system.origins.admin, { key: key() });
    await page.goto(`/people/${userId}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await system.simulator.call('PATCH', `/tenants/${connected.tenant.tenantId}/users/${userId}`, {
      displayName: 'Seen Without Reload',
    });
    await page.getByRole('heading', { level: 1, name: 'Seen Without Reload' }).waitFor({ timeout: 20_000 });
    await leave();
  });

  it('people are searched and filtered by the address, also after a reload', async () => {
    const { page, leave } = await visit(browser, system.origins.admin, { key: key() });
    await page.goto('/people');
    await page.getByLabel('Status').selectOption('disabled');
    await page.waitForURL(/status=disabled/);
    await page.reload();
    await page
      .locator('tbody .pill.warn', { hasText: /^disabled$/ })
      .first()
      .waitFor();
    assert.equal(await page.getByLabel('Status').inputValue(), 'disabled');
    await page.getByLabel('Search').fill('nobody-is-called-this');
    await page.getByText('Nobody fits').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.locator('tbody tr').first().waitFor();
    assert.equal(await page.getByLabel('Search').inputValue(), '');
    await page.getByLabel('Search').fill('a');
    // Before the search is sent.
    await page.getByLabel('Kind').selectOption('Guest');
    await page.waitForURL(
      (url) => url.searchParams.get('search') === 'a' && url.searchParams.get('userType') === 'Guest',
    );
    await leave();
  });

  it('a value is marked to be copied by hand where the browser gives pages no clipboard', async () => {
    const { page, leave } = await visit(browser, system.origins.admin, { key: key() });
    await page.goto('/settings/integrations/microsoft-365/new');
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
    const redirectUri = `${system.origins.admin}/oauth2callback/microsoft`;
    await page.getByRole('button', { name: `Copy ${redirectUri}` }).click();
    await page.getByText(/it is marked, copy it by the keyboard/).waitFor();
    assert.equal(await page.evaluate('getSelection().toString()'), redirectUri);
    await leave();
  });

  it('by keyboard alone: past the navigation to the content, and from page to page', async () => {
    const { page, leave } = await visit(browser, system.origins.admin, { key: key() });
    await page.goto('/');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'main');
    await page.getByRole('link', { name: 'Lag', exact: true }).focus();
    await page.keyboard.press('Enter');
    const heading = page.getByRole('heading', { level: 1, name: 'Lag' });
    await heading.waitFor();
    await eventually(() => page.evaluate<boolean>('document.activeElement.tagName === "H1"'), {
      within: 5_000,
      what: 'the heading of the new page has the focus',
    });
    await leave();
  });

  it('the theme can be chosen, and stays', async () => {
    const { page, leave } = await visit(browser, system.origins.admin, { key: key() });
    await page.goto('/');
    await page.getByRole('button', { name: 'Dark' }).click();
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.equal(await page.evaluate('getComputedStyle(document.documentElement).colorScheme'), 'dark');
    await leave();
  });

  it('the first page takes less than 150 kB of script, compressed', async () => {
    const { page, leave } = await visit(browser, system.origins.admin, { key: key() });
    let bytes = 0;
    page.on('requestfinished', (request) => {
      if (request.resourceType() !== 'script') return;
      void request.sizes().then(({ responseBodySize }) => (bytes += responseBodySize));
    });
    await page.goto('/', { waitUntil: 'networkidle' });
    assert.ok(bytes > 10_000 && bytes < 150_000, `${bytes} bytes`);
    await leave();
  });
});
