import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@muster/test-support';
import { findBarriers, overflowOf, type Screen, type Visitor } from './browser.js';

export type PageToSee = { name: string; path: string; heading: RegExp };

/** Goes there and waits until nothing is being loaded any more. */
export async function openPage({ page }: Visitor, { name, path, heading }: PageToSee): Promise<void> {
  await page.goto(path);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await eventually(async () => (await page.locator('.skeleton').count()) === 0, {
    within: 10_000,
    what: `${name} is loaded`,
  });
}

/** What holds for each page: accessible, no wider than its window, and nothing that the browser complains of. */
export async function examinePage({ page, complaints }: Visitor, name: string, screen: Screen): Promise<void> {
  const where = `${name}, ${screen.width} px, ${screen.theme}`;
  await takePicture({ page }, name, screen);
  assert.deepEqual(await findBarriers(page), [], where);
  assert.equal(await overflowOf(page), 0, `${where}: wider than the window`);
  assert.deepEqual(complaints, [], where);
}

/** Into the folder that MUSTER_SCREENSHOTS names, for people to look at. */
async function takePicture({ page }: Pick<Visitor, 'page'>, name: string, { width, theme }: Screen): Promise<void> {
  const folder = process.env['MUSTER_SCREENSHOTS'];
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  const file = `${name.replaceAll(/[^a-z0-9]+/gi, '-')}-${width}-${theme}.png`;
  await page.screenshot({ path: join(folder, file), fullPage: true });
}
