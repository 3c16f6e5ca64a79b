import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { eventually, makeCertificate } from '@muster/test-support';
import type { Browser, Page } from 'playwright-core';
import { findBarriers, startBrowser, visit, type Visitor } from './src/browser.js';
import { createUnconsentedTenant, decideAtMicrosoft, seeAllProved } from './src/consent-at-microsoft.js';
import type { SimulatedTenant } from './src/simulator-client.js';
import { startTestSystem, type System } from './src/system.js';

/** Each numbered line of the manual, step by step: what the dialogue must say. */
const MANUAL: RegExp[][] = [
  [
    /Navigate to Entra ID within Azure/,
    /On the left menu select App registrations/i,
    /\+ New registration/,
    /Add the Name/,
    /Accounts in this organisational directory only \(Default Directory only - Single tenant\)/,
    /Under Redirect URI, select “Web”.*oauth2callback\/microsoft/s,
    /Press the Register button/,
    /Copy the Application \(client\) ID/,
    /Copy the Directory \(tenant\) ID/,
  ],
  [
    /select Certificates & secrets/,
    /\+ New client secret/,
    /at least 365 days \(12 months\)/,
    /Press the Add button/,
    /Copy the Client secret value/i,
  ],
  [
    /select API permissions/,
    /\+ Add a permission/,
    /large Microsoft Graph button from the top right corner/,
    /Then choose Delegated permissions/,
    /User\.Read\.All.*tick the checkbox/,
    /User Sync.*GroupMember\.Read\.All/s,
    /MFA Verification.*AuditLog\.Read\.All/s,
    /Reports\.Read\.All/,
    /Press the Add permissions button/,
  ],
  [
    /check in Settings › Integrations › Microsoft 365 to confirm you have pasted the 3 values correctly before continuing to log in\./,
    /Sign in( as an administrator)? and consent( for the whole tenant)? to the permissions that you have just set up\./,
  ],
  [
    /Navigate to Entra ID within Azure/,
    /Select Groups from the left menu/,
    /Click on the group you want to sync, or create a new group/,
    /Copy the Object ID/,
    /Group ID/,
  ],
];

const SOON = { timeout: 20_000 };

describe('the five steps of the setup, from an empty system to the first person', () => {
  let system: System;
  let browser: Browser;
  let tenant: SimulatedTenant;
  let visitor: Visitor;
  let page: Page;

  before(async () => {
    browser = await startBrowser();
    system = await startTestSystem({ label: 'setup' });
    tenant = await createUnconsentedTenant(system, { people: 60, groupMembers: 25 });
    visitor = await visit(browser, system.origins.admin, { key: system.keys.MUSTER_BOOTSTRAP_KEY });
    ({ page } = visitor);
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  after(async () => {
    await browser.close();
    await system.stop();
  });

  const arriveAt = async (step: number): Promise<void> => {
    await page.getByRole('heading', { level: 2, name: new RegExp(`^Step ${step}:`) }).waitFor(SOON);
  };
  const next = async (step: number): Promise<void> => {
    await page.getByRole('link', { name: /^Next:/ }).click();
    await arriveAt(step);
  };
  const sayManual = async (step: number): Promise<void> => {
    const text = await page.locator('main').innerText();
    for (const line of MANUAL[step - 1]!) assert.match(text, line);
    assert.deepEqual(await findBarriers(page), [], `step ${step}`);
  };
  const copy = async (value: string): Promise<void> => {
    await page.getByRole('button', { name: `Copy ${value}`, exact: true }).click();
    const isCopied = async () => (await page.evaluate('navigator.clipboard.readText()')) === value;
    await eventually(isCopied, { within: 5_000, what: `${value} in the clipboard` });
  };
  const said = (text: RegExp) => page.getByText(text).first().waitFor(SOON);

  it('begins at Settings › Integrations › Microsoft 365', async () => {
    await page.goto('/');
    await page.getByRole('link', { name: 'Integrations', exact: true }).click();
    await page.getByRole('link', { name: 'Connect Microsoft 365' }).click();
    await arriveAt(1);
    assert.match(page.url(), /\/settings\/integrations\/microsoft-365\/new$/);
  });

  it('step 1: each line of the manual, name and redirect URI to copy, and ids that are told apart', async () => {
    await sayManual(1);
    await copy('Muster');
    await copy(`${system.origins.admin}/oauth2callback/microsoft`);
    await page.getByLabel('Name', { exact: true }).fill('Contoso');
    await page.getByLabel('Application (client) ID').fill('contoso');
    await said(/This is not the Application \(client\) ID/);
    await page.getByLabel('Application (client) ID').fill(tenant.clientId);
    await page.getByLabel('Directory (tenant) ID').fill(randomUUID());
    await said(/no such tenant|not found|no tenant|does not exist/i);
    await page.getByLabel('Directory (tenant) ID').fill(tenant.tenantId);
    await said(/The tenant is there/);
  });

  it('step 2: a secret id is recognised, a wrong secret refused by Microsoft, a short life remarked on', async () => {
    await next(2);
    await sayManual(2);
    await page.getByLabel('Client secret value').fill(randomUUID());
    await said(/This is the Secret ID/);
    await page.getByLabel('Expires on').fill(new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10));
    await page.getByLabel('Client secret value').fill('wrong~secret-of-nobody-at-all');
    await said(/secret.*(wrong|not valid|invalid|does not|not the)/i);
    await page.getByLabel('Client secret value').fill(tenant.clientSecret);
    await said(/The client secret works/);
    await said(/365 days/);
    await page.getByLabel('Expires on').fill(tenant.secretExpiresAt.slice(0, 10));
  });

  it('step 3: permissions by feature to copy, with the click path, of either kind', async () => {
    await next(3);
    await sayManual(3);
    await page.getByText('API permissions › + Add a permission › Microsoft Graph › Delegated permissions').waitFor();
    await copy('User.Read.All');
    await page.getByLabel(/MFA Verification/).uncheck();
    await page.getByRole('button', { name: 'Copy AuditLog.Read.All' }).waitFor({ state: 'detached', ...SOON });
    await page.getByLabel(/MFA Verification/).check();
    await page.getByRole('button', { name: 'Copy AuditLog.Read.All' }).waitFor(SOON);
    await page.getByLabel(/^Application permissions/).check();
    await page.getByText(/Microsoft Graph › Application permissions/).waitFor(SOON);
  });

  it('step 4: what can be proved before the consent, saved as a draft; what was typed is still there after going back', async () => {
    await next(4);
    await sayManual(4);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await said(/The client secret works/);
    await said(/Known once you have signed in and consented/);
    await page.getByRole('link', { name: 'Back' }).click();
    await arriveAt(3);
    assert.equal(await page.getByLabel(/^Application permissions/).isChecked(), true);
    await page.getByLabel(/^Delegated permissions/).check();
    await page.getByText(/Microsoft Graph › Delegated permissions/).waitFor(SOON);
    await next(4);
    await page.getByRole('button', { name: 'Save as a draft' }).click();
    await page.waitForURL(/microsoft-365\/[0-9a-f-]{36}\/step-4$/, SOON);
    const { items } = await system.admin.get('/integrations');
    assert.deepEqual([items[0].state, items[0].consent], ['draft', 'delegated']);
    assert.ok(!(await page.content()).includes(tenant.clientSecret));
  });

  it('step 4: signing in and consenting at Microsoft, and back, where each right is tried out', async () => {
    await page.getByRole('button', { name: 'Sign in and consent', exact: true }).last().click();
    await decideAtMicrosoft(page, system, { tenantId: tenant.tenantId, decision: /^Accept/ });
    await page.waitForURL(/step-4\?consent=granted/, SOON);
    await seeAllProved(page);
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(visitor.complaints, []);
  });

  it('step 5: the group with its size, whom it brings in, then the start', async () => {
    await next(5);
    await sayManual(5);
    await page.getByLabel(/^Only the people of a group/).check();
    await page.getByLabel('Group ID').fill(tenant.groupId);
    await said(/holds \d+ people/);
    await page.getByRole('button', { name: 'Show whom it brings in' }).click();
    await page.getByRole('heading', { name: /^Come in: \d+/ }).waitFor(SOON);
    assert.deepEqual(await findBarriers(page), []);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText('Started: the first full read runs.').waitFor(SOON);
    await page.goto('/people');
    await page.getByRole('row').nth(1).waitFor({ timeout: 60_000 });
  });

  it('another group is saved only after who gains and who loses was shown', async () => {
    const { items } = await system.admin.get('/integrations');
    await page.goto(`/settings/integrations/microsoft-365/${items[0].integrationId}/step-5`);
    await arriveAt(5);
    await page.getByLabel(/^Everyone/).check();
    assert.equal(await page.getByRole('button', { name: /^Save/ }).count(), 0);
    await page.getByRole('button', { name: 'Show who gains and who loses' }).click();
    await page.getByRole('heading', { name: /^Gain: \d+/ }).waitFor(SOON);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved: the change is carried out now.').waitFor(SOON);
    assert.equal((await system.admin.get('/integrations')).items[0].groupId, null);
  });

  it('who loses is named and counted on the button; another admin’s save in between stops it, told in one sentence', async () => {
    const everyone = (await system.simulator.truth(tenant.tenantId)).filter((one) => one.deletedDateTime === null);
    await eventually(
      async () => {
        let inScope = 0;
        for await (const _ of system.store.users.idsInScope(tenant.tenantId)) inScope += 1;
        return inScope === everyone.length;
      },
      { within: 60_000, what: 'everyone of the directory is in scope' },
    );
    await page.getByLabel(/^Only the people of a group/).check();
    await page.getByLabel('Group ID').fill(tenant.groupId);
    await page.getByRole('button', { name: 'Show who gains and who loses' }).click();
    const heading = page.getByRole('heading', { name: /^Lose: \d+/ });
    await heading.waitFor(SOON);
    const lost = everyone.filter(({ inGroup }) => !inGroup).length;
    assert.match(await heading.innerText(), new RegExp(`^Lose: ${lost}\\b`));
    const save = page.getByRole('button', { name: `Save: ${lost} people lose access` });
    await save.waitFor(SOON);
    assert.deepEqual(await findBarriers(page), []);

    const path = `/integrations/${(await system.admin.get('/integrations')).items[0].integrationId}`;
    const ifMatch = { 'if-match': (await system.admin.call('GET', path)).headers.get('etag')! };
    const theirs = await system.admin.call('PATCH', path, { name: 'Contoso Ltd' }, ifMatch);
    assert.equal(theirs.status, 200);
    await save.click({ timeout: 2_000 }).catch(() => undefined); // Where the page has heard of it, it is gone already.
    await page
      .getByRole('alert')
      .getByText(/Somebody else saved this integration/)
      .waitFor(SOON);
    assert.equal((await system.admin.get(path)).groupId, null);
    assert.equal(await page.getByRole('button', { name: /^Save/ }).count(), 0);

    await page.getByRole('button', { name: 'Go on with my changes' }).click();
    assert.equal(await page.getByLabel('Group ID').inputValue(), tenant.groupId);
    await page.getByRole('button', { name: 'Show who gains and who loses' }).click();
    await save.click(SOON);
    await page.getByText('Saved: the change is carried out now.').waitFor(SOON);
    const after = await system.admin.get(path);
    assert.deepEqual([after.groupId, after.name], [tenant.groupId, 'Contoso Ltd']);
    visitor.complaints.length = 0;
  });

  it('the sign-in address can be copied, here and at the integration', async () => {
    const { items } = await system.admin.get('/integrations');
    const address = `${system.origins.admin}/sign-in/${items[0].integrationId}`;
    for (const path of ['', `/${items[0].integrationId}/step-5`]) {
      await page.goto(`/settings/integrations/microsoft-365${path}`);
      await page.getByRole('button', { name: 'Copy Sign-in address' }).click();
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), address);
    }
  });

  it('a secret that is typed and not saved does not outlive the session', async () => {
    await page.goto('/settings/integrations/microsoft-365/new/step-2');
    await page.getByLabel('Client secret value').fill('typed~and-never-saved-anywhere');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key', { exact: true }).fill(system.keys.MUSTER_BOOTSTRAP_KEY);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await arriveAt(2);
    assert.equal(await page.getByLabel('Client secret value').inputValue(), '');
    visitor.complaints.length = 0; // Signed out, an open page is answered 401.
  });

  it('a secret is swapped: kept beside the old one, tested, switched to', async () => {
    const { items } = await system.admin.get('/integrations');
    await page.goto(`/settings/integrations/microsoft-365/${items[0].integrationId}/secrets`);
    await page.getByLabel('Client secret value').fill(tenant.clientSecret);
    await page.getByLabel('Expires on').fill(tenant.secretExpiresAt.slice(0, 10));
    await page.getByRole('button', { name: /^Keep it in slot/ }).click();
    await page.getByRole('button', { name: /^Switch to it/ }).click(SOON);
    await page.getByText('Tested and switched').waitFor(SOON);
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(visitor.complaints, []);
  });

  it('a certificate in place of a secret: tried while it is typed, then saved', async () => {
    const { tenantId, clientId } = await system.simulator.createTenant({ people: 5, groupMembers: 3 });
    const { certificate, privateKey } = await makeCertificate();
    const body = { pem: certificate, displayName: 'one' };
    await system.simulator.call('POST', `/tenants/${tenantId}/apps/${clientId}/certificates`, body);
    await page.goto('/settings/integrations/microsoft-365/new/step-1');
    await page.getByLabel('Name', { exact: true }).fill('Fabrikam');
    await page.getByLabel('Application (client) ID').fill(clientId);
    await page.getByLabel('Directory (tenant) ID').fill(tenantId);
    await next(2);
    await page.getByLabel('A certificate').check();
    await page.getByLabel('Certificate (PEM)').fill(certificate);
    await page.getByLabel(/^Private key/).fill(privateKey);
    await said(/The certificate works/);
    assert.deepEqual(await findBarriers(page), []);
    await next(3);
    await next(4);
    await page.getByRole('button', { name: 'Save as a draft' }).click();
    await page.waitForURL(/microsoft-365\/[0-9a-f-]{36}\/step-4$/, SOON);
    await said(/The certificate works/);
    assert.ok(!(await page.content()).includes('PRIVATE KEY'));
    assert.deepEqual(visitor.complaints, []);
  });
});
