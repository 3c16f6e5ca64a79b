import type { Page } from 'playwright-core';
import type { SimulatedTenant } from './simulator-client.js';
import type { System } from './system.js';

const SOON = { timeout: 20_000 };
/** What the manual lists. */
const ROLES = ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All', 'Reports.Read.All'];
const SCOPES = ['openid', 'profile', 'offline_access', ...ROLES];

/** A tenant whose app asks for everything and was granted nothing, as it is after step 3 of the manual. */
export async function createUnconsentedTenant(
  { simulator, origins }: Pick<System, 'simulator' | 'origins'>,
  plan: Record<string, unknown>,
): Promise<SimulatedTenant> {
  const redirectUris = [`${origins.admin}/oauth2callback/microsoft`];
  const tenant = await simulator.createTenant({ permissions: [], redirectUris, ...plan });
  const app = `/tenants/${tenant.tenantId}/apps/${tenant.clientId}`;
  await simulator.call('PATCH', app, { requested: ROLES });
  await simulator.call('PATCH', `${app}/registration`, { requestedScopes: SCOPES });
  return tenant;
}

/** On the simulator's pages: chooses an administrator, who may read the report too, and decides by that button. */
export async function decideAtMicrosoft(
  page: Page,
  { simulator }: Pick<System, 'simulator'>,
  { tenantId, decision }: { tenantId: string; decision: RegExp },
): Promise<void> {
  const { admins } = await simulator.call('GET', `/tenants/${tenantId}/sign-in`);
  const [{ id, userPrincipalName }] = admins;
  const roles = ['Global Administrator', 'Global Reader'];
  await simulator.call('PATCH', `/tenants/${tenantId}/users/${id}/sign-in`, { roles });
  const choice = page.getByRole('heading', { name: 'Choose an account' });
  const answer = page.getByRole('button', { name: decision });
  await choice.or(answer).waitFor(SOON);
  // Who is signed in at Microsoft already is not asked again who they are.
  if (await choice.isVisible()) {
    await page.getByRole('searchbox').fill(userPrincipalName);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('listitem').getByRole('button').first().click();
  }
  await answer.click();
}

/** Back at Muster: each right was tried out by itself, and works. */
export async function seeAllProved(page: Page): Promise<void> {
  await page.getByText('Consented.').waitFor(SOON);
  for (const right of ROLES)
    await page
      .getByRole('row', { name: new RegExp(`${right.replaceAll('.', '\\.')}.*proved`) })
      .first()
      .waitFor(SOON);
  await page.getByText(/Everything is proved/).waitFor(SOON);
}
