import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { deadLetter, snapshotRecord } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import type { Browser, Locator, Page } from 'playwright-core';
import { findBarriers, startBrowser, visit, type Visitor } from './src/browser.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { startTestSystem, type System } from './src/system.js';

const SOON = { timeout: 20_000 };
const SOON_ENOUGH = { within: 20_000, what: 'the page has turned' };
/** More than two pages of each list. */
const SEEDS = 120;
const numbers = Array.from({ length: SEEDS }, (_, index) => index + 1);
/** Older than everything that the system itself does, one a minute. */
const YESTERDAY = Date.now() - 86_400_000;
const instantOf = (seed: number): string => new Date(YESTERDAY + seed * 60_000).toISOString();

describe('what is kept newest first, page by page', () => {
  let system: System;
  let browser: Browser;
  let connected: Connected;
  let visitor: Visitor;
  let page: Page;
  let userId: string;

  before(async () => {
    browser = await startBrowser();
    system = await startTestSystem({ label: 'paging' });
    connected = await connectTenant(system, { people: 80, groupMembers: 70, nestedGroups: 1 });
    userId = (await system.admin.get('/users?limit=1')).items[0].userId;
    visitor = await visit(browser, system.origins.admin, { key: system.keys.MUSTER_BOOTSTRAP_KEY });
    ({ page } = visitor);
    await seed();
  });
  after(async () => {
    await browser.close();
    await system.stop();
  });
  afterEach(async () => {
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(visitor.complaints, []);
  });

  async function seed(): Promise<void> {
    const { integrationId, tenant } = connected;
    const { tenantId } = tenant;
    const of = { integrationId, tenantId };
    const { store, eventLog } = system;
    const keepUntil = new Date(Date.now() + 86_400_000).toISOString();
    await store.changes.keep(
      numbers.map((seed) => ({
        ...{ id: `users/${tenantId}/${userId}/seed-${seed}`, tenantId, userId, type: 'muster.user.updated' as const },
        ...{ revision: 1, changed: { jobTitle: `Seed ${seed}` }, keepUntil },
        ...{ observedAt: instantOf(seed), changedAt: instantOf(seed), feedAt: instantOf(seed) },
      })),
    );
    for (const seed of numbers) {
      const at = instantOf(seed);
      await store.audit.insert({
        ...{ auditId: `0 ${at}`, at, actor: `key seed ${seed}`, action: 'post /keys', integrationId: null, target: {} },
        ...{ outcome: 'done', status: 201, why: `Seed ${seed}.`, address: null },
      });
      await store.snapshots.insert(
        snapshotRecord.parse({
          ...{ ...of, snapshotId: randomUUID(), kind: 'mfa', state: 'complete', reason: `seed ${seed}`, pages: 1 },
          ...{ rows: 1, expectedRows: 1, nextLink: null, resumed: false, failure: null, projected: {} },
          ...{ startedAt: at, publishedAt: at, finishedAt: at },
        }),
      );
    }
    for (const seed of numbers.slice(0, 12))
      await store.plans.save({
        ...{ ...of, planId: randomUUID(), groupId: tenant.groupId, reason: 'too many', inScope: seed, state: 'done' },
        candidates: [{ userId, why: 'absent', state: 'stayed' }],
        ...{ createdAt: instantOf(seed), updatedAt: instantOf(seed), decidedAt: null, decidedBy: null },
      });
    const publisher = eventLog.publisher();
    await publisher.start();
    for (const seed of numbers)
      await publisher.publish([
        {
          topic: 'deadLetters',
          key: 'seed',
          value: deadLetter.parse({
            ...{ version: 1, origin: { topic: 'graph.notifications', partition: 0, offset: '0', key: 'seed' } },
            ...{ reason: { code: 'event.not-json', message: `seed ${seed}` }, value: null, at: instantOf(seed) },
          }),
        },
      ]);
    await publisher.stop();
  }

  type List = { rows: Locator; pages: Locator; mark?: RegExp };

  const marksOf = async ({ rows, mark = /seed (\d+)/i }: List): Promise<number[]> =>
    (await rows.allInnerTexts()).flatMap((text) => {
      const found = mark.exec(text)?.[1];
      return found === undefined ? [] : [Number(found)];
    });

  /** The seeds that a page shows, once it shows others than `before`. */
  const turned = (list: List, before?: number): Promise<number[]> =>
    eventually(
      async () => {
        const marks = await marksOf(list);
        return marks.length > 0 && marks[0] !== before && marks;
      },
      { within: SOON.timeout, what: 'another page is shown' },
    );

  const isEnd = async (button: Locator): Promise<boolean> => (await button.getAttribute('aria-disabled')) === 'true';

  /** Down to the oldest and back: every seed once, newest first, and the first page again. */
  async function assertPages(list: List, seeds: readonly number[]): Promise<void> {
    const [older, newer] = ['Older', 'Newer'].map((name) => list.pages.getByRole('button', { name })) as [
      Locator,
      Locator,
    ];
    const first = await turned(list);
    assert.ok(await isEnd(newer));
    const seen = [first];
    while (!(await isEnd(older))) {
      await older.click();
      seen.push(await turned(list, seen.at(-1)![0]));
    }
    assert.deepEqual(seen.flat(), [...seeds].reverse());
    assert.ok(seen.length > 2, `${seen.length} pages`);
    for (let turn = seen.length - 1; turn > 0; turn -= 1) {
      assert.ok(!(await isEnd(newer)));
      await newer.click();
      assert.deepEqual((await turned(list, seen[turn]![0]))[0], seen[turn - 1]![0]);
    }
    assert.ok(await isEnd(newer));
  }

  const pages = (): Locator => page.getByRole('navigation', { name: 'Pages', exact: true });

  it('a person’s history', async () => {
    await page.goto(`/people/${userId}`);
    await assertPages({ rows: page.locator('.history > li'), pages: pages() }, numbers);
  });

  it('the audit', async () => {
    await page.goto('/audit');
    await assertPages({ rows: page.locator('tbody tr'), pages: pages(), mark: /Seed (\d+)\./ }, numbers);
  });

  it('dead letters', async () => {
    await page.goto('/dead-letters');
    await assertPages({ rows: page.locator('section.card'), pages: pages() }, numbers);
  });

  it('full reads, and answered plans beside them', async () => {
    await page.goto('/reconciles');
    const reads = page.getByRole('region', { name: 'Full reads' });
    await assertPages({ rows: reads.locator('tbody tr'), pages: pages() }, numbers);
    const plans = page.getByRole('region', { name: 'Answered plans' });
    await plans.getByText('Newest first').click(SOON);
    await assertPages(
      {
        rows: plans.locator('section.card'),
        pages: plans.getByRole('navigation', { name: 'Pages of answered plans' }),
        mark: /removal of (\d+) (?:people|person)/,
      },
      numbers.slice(0, 12),
    );
  });

  it('whom a plan holds: page by page, chosen on one and kept on the next, then answered', async () => {
    const { integrationId, tenant } = connected;
    const { tenantId, groupId } = tenant;
    const candidates = Array.from({ length: 120 }, () => ({
      ...{ userId: randomUUID(), why: 'absent' as const, state: 'waiting' as const },
    }));
    const at = new Date().toISOString();
    await system.store.plans.save({
      ...{ planId: randomUUID(), integrationId, tenantId, groupId, reason: 'Too many.', inScope: 400, candidates },
      ...{ state: 'waiting', createdAt: at, updatedAt: at, decidedAt: null, decidedBy: null },
    });
    await page.goto('/reconciles');
    const card = page.getByRole('region', { name: '120 removals of 400 people' });
    const pager = card.getByRole('navigation', { name: /^People of the plan/ });
    await pager.getByText('1 to 50').waitFor(SOON);
    await card.getByLabel(`Choose ${candidates[0]!.userId}`).check();
    await pager.getByRole('button', { name: 'Next' }).click();
    await pager.getByText('51 to 100').waitFor(SOON);
    await card.getByLabel(`Choose ${candidates[50]!.userId}`).check();
    await pager.getByRole('button', { name: 'Next' }).click();
    await pager.getByText('101 to 120').waitFor(SOON);
    assert.deepEqual(await findBarriers(page), []);
    await card.getByRole('button', { name: 'Refuse: keep 2 chosen' }).click();
    await eventually(
      async () => {
        const [plan] = (await system.admin.get(`/plans?integrationId=${integrationId}&state=waiting`)).items;
        return plan?.counts.refused === 2 && plan.counts.waiting === 118;
      },
      { within: 60_000, what: 'two are kept, the others wait' },
    );
  });

  it('people: everybody once, and back', async () => {
    await page.goto('/people');
    const links = page.locator('tbody th a');
    const place = page.getByRole('navigation', { name: 'Pages' }).getByRole('status');
    await place.getByText('1 to 50').waitFor(SOON);
    const addresses = async (): Promise<string[]> =>
      links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    const first = await addresses();
    await page.getByRole('button', { name: 'Next' }).click();
    await place.getByText(/^51 to /).waitFor(SOON);
    const second = await eventually(async () => {
      const now = await addresses();
      return now[0] !== first[0] && now;
    }, SOON_ENOUGH);
    assert.equal(new Set([...first, ...second]).size, connected.inScope);
    await page.getByRole('button', { name: 'Back' }).click();
    await place.getByText('1 to 50').waitFor(SOON);
    await eventually(async () => (await addresses())[0] === first[0], SOON_ENOUGH);
    assert.deepEqual(await addresses(), first);
  });

  it('alerts: when the rules were looked at; that nobody watches is a problem', async () => {
    const isWatched = async (): Promise<boolean> => {
      const { lookedAt } = await system.admin.get('/alerts');
      return lookedAt !== null && Date.now() - Date.parse(lookedAt) < 60_000;
    };
    await eventually(isWatched, { within: 60_000, what: 'the rules are looked at' });
    let lookedAt: string | null = new Date().toISOString();
    await page.route('**/api/v1/alerts', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), items: [], lookedAt } });
    });
    await page.goto('/alerts');
    const firing = page.getByRole('region', { name: 'Firing now' });
    await firing.getByText(/Every rule was looked at .*, and none holds/).waitFor(SOON);
    lookedAt = new Date(Date.now() - 300_000).toISOString();
    await page.reload();
    await firing
      .getByRole('alert')
      .getByText(/last looked at .*: nobody watches/)
      .waitFor(SOON);
    assert.equal(await firing.getByText('Nothing fires').count(), 0);
    lookedAt = null;
    await page.reload();
    await firing.getByRole('alert').getByText('No rule was looked at yet').waitFor(SOON);
    await page.unroute('**/api/v1/alerts');
  });
});
