import type { AxeResults } from 'axe-core';
import axe from 'axe-core';
import { CHROMIUM_FLAGS, findChromium } from '@muster/test-support';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

export type Screen = { width: number; theme: 'light' | 'dark' };
export const DESKTOP: Screen = { width: 1440, theme: 'light' };

export type Visitor = {
  context: BrowserContext;
  page: Page;
  /** What the browser complained of: refused by the policy, thrown, not found. */
  complaints: string[];
  leave: () => Promise<void>;
};

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: findChromium(process.env['CHROMIUM_PATH']), args: [...CHROMIUM_FLAGS] });

/** A browser of its own for one test; `key` opens a session first. */
export async function visit(browser: Browser, origin: string, options: { key?: string; screen?: Screen } = {}) {
  const { key, screen = DESKTOP } = options;
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: screen.width, height: 900 },
    colorScheme: screen.theme,
    ignoreHTTPSErrors: true,
    reducedMotion: 'reduce',
  });
  if (key !== undefined) {
    const answer = await context.request.post('/session', { data: { key }, headers: { origin } });
    if (!answer.ok()) throw new Error(`the session was not opened: ${answer.status()}`);
  }
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { context, page, complaints, leave: () => context.close() } satisfies Visitor;
}

/** What had to go wrong is no complaint: answers that the browser reports as errors. */
export const forgive = ({ complaints }: Pick<Visitor, 'complaints'>, expected: RegExp): void => {
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !expected.test(text)));
};

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds, one line each; empty when the page is accessible as far as a program can tell. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Evaluated by the debugger's way in, which the page's policy does not bind.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>(`axe.run({ runOnly: ${JSON.stringify(RULES)} })`);
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** How far the page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
