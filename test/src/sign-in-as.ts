import type { Page } from 'playwright-core';
import type { TrueUser } from './simulator-client.js';

const SOON = { timeout: 20_000 };
type Account = Pick<TrueUser, 'displayName' | 'userPrincipalName'>;

/** Through the integration's own sign-in address to Microsoft and back; ends on whichever page Muster shows then. */
export async function signInAs(page: Page, integrationId: string, person: Account): Promise<void> {
  await page.goto(`/sign-in/${integrationId}`);
  await chooseAccount(page, person);
}

/** On the simulator's pages: searches for the person, chooses, and accepts what is asked the first time. */
export async function chooseAccount(page: Page, { displayName, userPrincipalName }: Account): Promise<void> {
  await page.getByRole('heading', { level: 1, name: 'Choose an account' }).waitFor(SOON);
  await page.getByRole('searchbox').fill(userPrincipalName);
  await page.getByRole('button', { name: 'Search' }).click();
  await page
    .getByRole('button', { name: displayName ?? '' })
    .first()
    .click();
  const asked = page.getByRole('heading', { level: 1, name: 'Permissions requested' });
  const back = page.locator('h1', { hasNotText: /^(Choose an account|Permissions requested)$/ });
  await asked.or(back).first().waitFor(SOON);
  if (await asked.isVisible()) await page.getByRole('button', { name: 'Accept' }).click();
}
