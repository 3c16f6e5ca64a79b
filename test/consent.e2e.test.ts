import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import type { Browser, Page } from 'playwright-core';
import { findBarriers, startBrowser, visit, type Visitor } from './src/browser.js';
import { createUnconsentedTenant, decideAtMicrosoft, seeAllProved } from './src/consent-at-microsoft.js';
import { useExpiringSecret } from './src/expire-secret.js';
import type { SimulatedTenant } from './src/simulator-client.js';
import { startTestSystem, type System } from './src/system.js';

const MICROSOFT = '/settings/integrations/microsoft-365';
const SOON = { timeout: 20_000 };
const ROLES = ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All'];

type Kind = 'delegated' | 'application';
type Made = { tenant: SimulatedTenant; integrationId: string };

describe('consent and secrets in the setup dialogue', () => {
  let system: System;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;

  before(async () => {
    browser = await startBrowser();
    system = await startTestSystem({ label: 'consent' });
  });
  after(async () => {
    await browser.close();
    await system.stop();
  });
  beforeEach(async () => {
    visitor = await visit(browser, system.origins.admin, { key: system.keys.MUSTER_BOOTSTRAP_KEY });
    ({ page } = visitor);
  });
  afterEach(() => visitor.leave());

  /** Of an app to which nothing was granted, unless `over` says so. */
  async function makeDraft(kind: Kind, over: Record<string, unknown> = {}): Promise<Made> {
    const plan = { people: 30, groupMembers: 12, guests: 0, disabled: 0 };
    const tenant = await createUnconsentedTenant(system, { ...plan, ...over });
    const { integrationId } = await system.admin.post('/integrations', {
      name: `Contoso, ${kind}`,
      tenantId: tenant.tenantId,
      clientId: tenant.clientId,
      clientSecret: tenant.clientSecret,
      secretExpiresAt: new Date(Date.now() + 400 * 86_400_000).toISOString(),
      groupId: tenant.groupId,
      cloud: 'custom',
      consent: kind,
    });
    return { tenant, integrationId };
  }

  const decide = ({ tenant: { tenantId } }: Made, decision: RegExp) =>
    decideAtMicrosoft(page, system, { tenantId, decision });
  const consentAt = async (made: Made): Promise<void> => {
    await page.goto(`${MICROSOFT}/${made.integrationId}/step-4`);
    await page.getByRole('button', { name: 'Sign in and consent', exact: true }).last().click();
  };
  const isBack = () => page.waitForURL(/step-4\?consent=/, SOON);
  const row = (permission: string, state: string) =>
    page.getByRole('row', { name: new RegExp(`${permission.replaceAll('.', '\\.')}.*${state}`) }).first();

  for (const kind of ['delegated', 'application'] as const)
    it(`${kind}: there and back, and each right is tried out by itself`, async () => {
      const made = await makeDraft(kind);
      await consentAt(made);
      await decide(made, /^Accept/);
      await isBack();
      await seeAllProved(page);
      assert.deepEqual(await findBarriers(page), []);
      assert.deepEqual(visitor.complaints, []);
    });

  for (const kind of ['delegated', 'application'] as const)
    it(`${kind}: a refusal is one sentence and one button, which works`, async () => {
      const made = await makeDraft(kind);
      await consentAt(made);
      await decide(made, /^Refuse/);
      await isBack();
      const said = page.getByRole('alert').filter({ hasText: 'Not consented.' });
      await said.waitFor(SOON);
      assert.match(await said.innerText(), /Not consented\. Consent was refused\. Sign in again/);
      assert.deepEqual(await findBarriers(page), []);
      await page.getByRole('region', { name: 'Sign in and consent' }).getByRole('button').click();
      await decide(made, /^Accept/);
      await page.getByText('Consented.').waitFor(SOON);
    });

  it('what is missing is told with what it costs, on the page of the permissions too', async () => {
    const { integrationId } = await makeDraft('application', {
      permissions: ['User.Read.All', 'GroupMember.Read.All'],
    });
    await page.goto(MICROSOFT);
    await page.locator(`a[href$="${integrationId}/permissions"]`).click();
    await page.getByText('Nothing is proved yet').waitFor(SOON);
    await page.getByRole('button', { name: 'Try them out now' }).click();
    await row('User.Read.All', 'proved').waitFor(SOON);
    await row('AuditLog.Read.All', 'missing.*The MFA report cannot be read').waitFor(SOON);
    await page.getByText(/Tried out/).waitFor(SOON);
    assert.deepEqual(await findBarriers(page), []);
  });

  it('an expired secret is told, and swapped: a wrong one is refused, a right one is switched to', async () => {
    const made = await makeDraft('application', { permissions: ROLES });
    const { clientSecret } = made.tenant;
    const inAYear = await useExpiringSecret(system, made);

    await page.goto(`${MICROSOFT}/${made.integrationId}/step-4`);
    await page
      .getByText(/The client secret has expired/)
      .first()
      .waitFor(SOON);
    await page.getByRole('button', { name: 'Enter a new secret' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Secrets' }).waitFor(SOON);

    const keep = async (secret: string): Promise<void> => {
      await page.getByLabel('Client secret value').fill(secret);
      await page.getByLabel('Expires on').fill(inAYear.slice(0, 10));
      await page.getByRole('button', { name: /^Keep it in slot/ }).click();
      await page.getByText(new RegExp(`Ends with ${secret.slice(-4)}`)).waitFor(SOON);
    };
    await keep('wrong~secret-of-nobody-at-all');
    await page.getByRole('button', { name: /^Switch to it/ }).click();
    await page
      .getByRole('alert')
      .getByText(/client secret/i)
      .first()
      .waitFor(SOON);
    assert.equal(await page.getByText('Tested and switched').count(), 0);
    await keep(clientSecret);
    await page.getByRole('button', { name: /^Switch to it/ }).click();
    await page.getByText('Tested and switched').waitFor(SOON);
    await page.goto(`${MICROSOFT}/${made.integrationId}/step-4`);
    await page.getByText(/Everything is proved/).waitFor(SOON);
  });

  it('MFA verification alone, without the right to read people: previewed and started; nobody is told to sign in', async () => {
    const { tenantId, clientId, clientSecret, secretExpiresAt } = await system.simulator.createTenant({
      ...{ people: 12, groupMembers: 3, permissions: ['AuditLog.Read.All'] },
    });
    const typed = { tenantId, clientId, clientSecret, secretExpiresAt, cloud: 'custom', consent: 'application' };
    const features = { userSync: false, mfaVerification: true };
    const made = await system.admin.post('/integrations', { ...typed, name: 'Only MFA', features, groupId: null });
    await page.goto(`${MICROSOFT}/${made.integrationId}/step-5`);
    await page.getByRole('button', { name: 'Show whom it brings in' }).click();
    await page.getByText(/covers everyone whom Microsoft’s report names/).waitFor(SOON);
    await page.getByText(/signing in needs User Sync, which is off/).waitFor(SOON);
    assert.equal(await page.getByRole('button', { name: 'Copy Sign-in address' }).count(), 0);
    assert.deepEqual(await findBarriers(page), []);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText('Started: the first full read runs.').waitFor(SOON);
    const reads = `/snapshots?integrationId=${made.integrationId}`;
    const isRead = async () =>
      (await system.admin.get(reads)).items.some(
        ({ kind, state }: { kind: string; state: string }) => kind === 'mfa' && state === 'complete',
      );
    await eventually(isRead, { within: 60_000, what: 'a full read of the report' });
    await page.goto(`/?integration=${made.integrationId}`);
    await page.getByText('signing in is off: it needs User Sync').waitFor(SOON);
    await page.getByText('the report was read in full').waitFor(SOON);
    assert.deepEqual(await findBarriers(page), []);
    await page.goto(`/people?integration=${made.integrationId}`);
    await page.getByText(/names nobody\. User Sync brings people in\./).waitFor(SOON);
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(visitor.complaints, []);
  });
});
