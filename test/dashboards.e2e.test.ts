import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '@muster/test-support';
import { findBarriers, forgive, startBrowser, visit, type Visitor } from './src/browser.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { useExpiringSecret } from './src/expire-secret.js';
import type { TrueUser } from './src/simulator-client.js';
import { startTestSystem, type System } from './src/system.js';

const SOON = { timeout: 20_000 };

describe('what the dashboards tell and take', () => {
  let system: System;
  let browser: Browser;
  let connected: Connected;
  let ada: TrueUser;
  let visitor: Visitor;
  let page: Page;

  before(async () => {
    browser = await startBrowser();
    system = await startTestSystem({ label: 'dashboards' });
    connected = await connectTenant(system, { people: 60, groupMembers: 40, nestedGroups: 1 });
    const truth = await system.simulator.truth(connected.tenant.tenantId);
    ada = truth.find(({ inGroup, userType }) => inGroup && userType === 'Member')!;
    visitor = await visit(browser, system.origins.admin, { key: system.keys.MUSTER_BOOTSTRAP_KEY });
    ({ page } = visitor);
  });
  after(async () => {
    await browser.close();
    await system.stop();
  });
  afterEach(async () => {
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(visitor.complaints, []);
  });

  it('a change is told with its way, from Microsoft to the feed', async () => {
    const { tenantId } = connected.tenant;
    await system.simulator.call('PATCH', `/tenants/${tenantId}/users/${ada.id}`, { displayName: 'Ada of the Way' });
    await page.goto(`/people/${ada.id}`);
    const change = page.locator('.history > li').filter({ hasText: 'Ada of the Way' });
    await change.waitFor({ timeout: 30_000 });
    const way = await change.getByRole('list', { name: 'Its way' }).innerText();
    for (const step of [/notified/i, /taken from Kafka/, /read/, /written/, /told on the feed/])
      assert.match(way, step);
    assert.match(await change.innerText(), /by a notification, .* in all/);
  });

  it('subscriptions: when the last notification came, and what was done', async () => {
    await page.goto('/subscriptions');
    const people = page.getByRole('region', { name: 'State' }).getByRole('row', { name: /People/ });
    await people
      .getByText(/ago|now/)
      .first()
      .waitFor(SOON);
    await page
      .getByRole('region', { name: 'History' })
      .getByRole('row', { name: /People Created/ })
      .waitFor(SOON);
  });

  it('full reads: of one kind alone, so that the hourly ones of the report hide none of people', async () => {
    await page.goto('/reconciles');
    const reads = page.getByRole('region', { name: 'Full reads' });
    const report = reads.getByRole('row', { name: /^MFA report/ }).first();
    await report.waitFor(SOON);
    await reads.getByRole('button', { name: 'People', exact: true }).click();
    await report.waitFor({ state: 'detached', ...SOON });
    await reads
      .getByRole('row', { name: /^People/ })
      .first()
      .waitFor(SOON);
  });

  it('people: admins only, the export with the same filters', async () => {
    await page.goto('/people');
    await page.getByLabel('Admins').selectOption('true');
    await page.waitForURL(/admin=true/);
    const address = await page.getByRole('link', { name: 'Export NDJSON' }).getAttribute('href');
    const lines = (await (await page.request.get(address!)).text()).trim().split('\n').filter(Boolean);
    assert.ok(lines.every((line) => JSON.parse(line).mfa.isAdmin === true));
    const rows = page.locator('tbody tr');
    if (lines.length === 0) await page.getByText('Nobody fits').waitFor(SOON);
    else
      await eventually(async () => (await rows.count()) === Math.min(50, lines.length), {
        within: SOON.timeout,
        what: `${lines.length} admins are shown`,
      });
  });

  it('alerts: a target is added, tried, changed without its secret, and taken away', async () => {
    await page.goto('/alerts');
    await page
      .getByRole('region', { name: 'Rules' })
      .getByRole('link', { name: /What to do/ })
      .first()
      .waitFor(SOON);
    const webhook = page.getByRole('region', { name: 'To a webhook' });
    await webhook.getByLabel('Address').fill('https://127.0.0.1:9/hook/path-token');
    await webhook.getByLabel('Secret').fill('a-secret-of-thirty-two-letters-00');
    const mail = page.getByRole('region', { name: 'By mail' });
    await mail.getByLabel('From').fill('half-typed@example.com');
    await webhook.getByRole('button', { name: /^Add/ }).click();
    await webhook.getByRole('button', { name: /^Send a test/ }).click();
    await webhook.getByRole('alert').waitFor(SOON);
    assert.ok(!(await page.content()).includes('thirty-two'));
    assert.equal(await mail.getByLabel('From').inputValue(), 'half-typed@example.com');

    await mail.getByLabel('Mail server').fill('smtp.invalid');
    await mail.getByLabel('From').fill('muster@example.com');
    await mail.getByLabel('To', { exact: true }).fill('it@example.com, ops@example.com');
    await mail.getByRole('button', { name: /^Add/ }).click();
    await mail.getByRole('button', { name: /^Send a test/ }).waitFor(SOON);
    const kept = await system.admin.get('/alerts/targets');
    assert.equal(kept.webhook.address, 'https://127.0.0.1:9/…oken', 'it stayed when the mail server was added');
    assert.ok(!(await page.content()).includes('path-token'));
    assert.deepEqual(kept.email.to, ['it@example.com', 'ops@example.com']);

    await webhook.getByRole('button', { name: /^Take away/ }).click();
    await webhook.getByRole('button', { name: /^Add/ }).waitFor(SOON);
    assert.deepEqual((await system.admin.get('/alerts/targets')).email.host, 'smtp.invalid');
  });

  it('administrators: a person and a group, kept; another’s change in between is not overwritten', async () => {
    const path = `/integrations/${connected.integrationId}/admins`;
    await page.goto(`/settings/integrations/microsoft-365/${connected.integrationId}/admins`);
    await page.getByText(/only operators look after it/).waitFor(SOON);
    await page.getByLabel('Sign-in name or Object ID').fill(ada.userPrincipalName);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByLabel('Object ID of the group').fill(connected.tenant.groupId);
    await page.getByRole('button', { name: 'Save the administrators' }).click();
    await page.getByText('Saved:').waitFor(SOON);
    const { people, groupId } = await system.admin.get(path);
    assert.deepEqual([people, groupId], [[ada.userPrincipalName], connected.tenant.groupId]);

    await page.getByRole('button', { name: /^Take off/ }).click();
    const theirs = { people: [ada.userPrincipalName, 'eve@example.com'], groupId: connected.tenant.groupId };
    const meanwhile = await system.admin.call('PUT', path, theirs);
    assert.equal(meanwhile.status, 200);
    await page
      .getByRole('button', { name: 'Save the administrators' })
      .click({ timeout: 2_000 })
      .catch(() => undefined); // The page may have heard of it already, and offers no saving then.
    await page
      .getByRole('alert')
      .getByText(/Somebody else saved meanwhile: .*eve@example\.com/)
      .waitFor(SOON);
    // If it had not heard, the save was refused, and the browser says so.
    forgive(visitor, /412/);
    assert.deepEqual((await system.admin.get(path)).people, theirs.people);
    await page.getByRole('button', { name: 'Bring both together' }).click();
    await page.getByRole('button', { name: 'Save the administrators' }).click();
    const isSaved = async (): Promise<true> => {
      assert.deepEqual((await system.admin.get(path)).people, ['eve@example.com']);
      return true;
    };
    await eventually(isSaved, { within: SOON.timeout, what: 'both changes are saved' });
    await page.getByRole('listitem').filter({ hasText: 'eve@example.com' }).waitFor(SOON);
    const takenOff = page.getByRole('listitem').filter({ hasText: ada.userPrincipalName });
    await takenOff.waitFor({ state: 'detached', timeout: SOON.timeout });
  });

  it('secrets: what another changed meanwhile is told before a new one is kept over it', async () => {
    const path = `/integrations/${connected.integrationId}/secrets`;
    await page.goto(`/settings/integrations/microsoft-365/${connected.integrationId}/secrets`);
    const expiresOn = new Date(Date.now() + 500 * 86_400_000).toISOString();
    await page.getByLabel('Client secret value').fill('mine~Q8-0123456789012345678901234567wxyz');
    await page.getByLabel('Expires on').fill(expiresOn.slice(0, 10));

    const { revision, freeSlot } = await system.admin.get(path);
    const theirs = { clientSecret: 'their~Q8-012345678901234567890123456abcd', secretExpiresAt: expiresOn };
    const meanwhile = await system.admin.call('PUT', `${path}/${freeSlot}`, theirs, { 'If-Match': `"${revision}"` });
    assert.equal(meanwhile.status, 200);
    const keep = page.getByRole('button', { name: /^Keep it in slot/ });
    await keep.click({ timeout: 2_000 }).catch(() => undefined); // It may have heard already, as above.
    await page
      .getByRole('alert')
      .getByText(/changed since you began to type/)
      .waitFor(SOON);
    forgive(visitor, /412/);
    await page.getByRole('listitem').filter({ hasText: 'Ends with abcd' }).waitFor(SOON);
    const endings = async (): Promise<string[]> => {
      const { items } = await system.admin.get(path);
      return items.map(({ hint }: { hint: string }) => hint);
    };
    assert.ok((await endings()).includes('abcd'));
    await page.getByRole('button', { name: 'Go on with mine' }).click();
    await keep.click(SOON);
    await page.getByRole('listitem').filter({ hasText: 'Ends with wxyz' }).waitFor(SOON);
    assert.ok(!(await endings()).includes('abcd'));
  });

  it('a running integration whose secret expired is told, and swapped; nobody is lost and changes come on', async () => {
    const { integrationId, tenant, inScope } = connected;
    const { tenantId, clientId } = tenant;
    const secrets = `/tenants/${tenantId}/apps/${clientId}/secrets`;
    const inAYear = await useExpiringSecret(system, connected);

    await page.goto(`/settings/integrations/microsoft-365/${integrationId}/step-4`);
    await page
      .getByText(/The client secret has expired/)
      .first()
      .waitFor(SOON);
    await page.getByRole('button', { name: 'Enter a new secret' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Secrets' }).waitFor(SOON);
    const { clientSecret } = await system.simulator.call('POST', secrets, { days: 500 });
    await page.getByLabel('Client secret value').fill(clientSecret);
    await page.getByLabel('Expires on').fill(inAYear.slice(0, 10));
    await page.getByRole('button', { name: /^Keep it in slot/ }).click();
    await page
      .getByRole('listitem')
      .filter({ hasText: `Ends with ${clientSecret.slice(-4)}` })
      .getByRole('button', { name: /^Switch to it/ })
      .click(SOON);
    await page.getByText('Tested and switched').waitFor(SOON);

    assert.equal(await system.store.users.count({ tenantId, inGroup: true }), inScope);
    await system.simulator.call('PATCH', `/tenants/${tenantId}/users/${ada.id}`, { displayName: 'Ada after the swap' });
    await page.goto(`/people/${ada.id}`);
    await page.getByRole('heading', { level: 1, name: 'Ada after the swap' }).waitFor({ timeout: 60_000 });
    const change = page.locator('.history > li');
    await change.filter({ hasText: 'Ada of the Way' }).waitFor(SOON);
    visitor.complaints.length = 0;
  });

  it('keys: one that may only ask the gate, for a month; shown once', async () => {
    await page.goto('/settings/keys');
    await page.getByLabel('What it is for').fill('The intranet');
    for (const scope of [/^read:/, /^write:/, /^operate:/, /^keys:/]) await page.getByLabel(scope).uncheck();
    await page.getByLabel('Good for').selectOption('30');
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByText('Copy it now').waitFor(SOON);
    await page.getByText(/may gate\. Made .*never used, ends/).waitFor(SOON);
    const { items } = await system.admin.get('/keys');
    assert.deepEqual(items.find(({ name }: { name: string }) => name === 'The intranet').scopes, ['gate']);
    await page.reload();
    await page.getByText(/may gate/).waitFor(SOON);
    assert.equal(await page.getByText('Copy it now').count(), 0);
  });
});
