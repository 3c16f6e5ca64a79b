import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { LAG_STEPS } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import { startAlertHook, type AlertHook } from './src/alert-hook.js';
import { findBarriers, startBrowser, visit, type Screen, type Visitor } from './src/browser.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { examinePage, openPage } from './src/examine-page.js';
import type { TrueUser } from './src/simulator-client.js';
import { startTestSystem, type System } from './src/system.js';

const SOON = { timeout: 20_000 };
const LATER = { timeout: 60_000 };
const SCREENS: Screen[] = [1440, 390].flatMap((width) => [
  { width, theme: 'light' } as const,
  { width, theme: 'dark' } as const,
]);

describe('the pages of a system that lives', () => {
  let system: System;
  let browser: Browser;
  let hook: AlertHook;
  let connected: Connected;
  let visitor: Visitor;
  let page: Page;
  /** Directly in the group, so that one call takes them out of it. */
  let members: TrueUser[];

  before(async () => {
    [browser, hook] = await Promise.all([startBrowser(), startAlertHook()]);
    system = await startTestSystem({
      label: 'live',
      env: { ALERT_PRIVATE_HOSTS: 'localhost', SWEEP_MIN_INTERVAL: '1s', GROUP_DELTA_EVERY: '2s' },
    });
    connected = await connectTenant(system, { people: 140, groupMembers: 80, nestedGroups: 1 });
    const truth = await system.simulator.truth(connected.tenant.tenantId);
    members = truth.filter((one) => one.groupPath.length === 1 && one.userType === 'Member' && one.accountEnabled);
    visitor = await visit(browser, system.origins.admin, { key: system.keys.MUSTER_BOOTSTRAP_KEY });
    ({ page } = visitor);
  });
  after(async () => {
    await browser.close();
    hook.stop();
    await system.stop();
  });

  const ofTenant = (path: string): string => `/tenants/${connected.tenant.tenantId}${path}`;
  const setFaults = (...rules: object[]) =>
    system.simulator.call('PUT', '/faults', {
      rules: rules.map((rule) => ({ tenantId: connected.tenant.tenantId, ...rule })),
    });
  /** Changed, and no notification tells. */
  async function changeUnheard({ id }: TrueUser, change: object): Promise<void> {
    await setFaults({ type: 'drop', path: `/users/${id}` });
    await system.simulator.call('PATCH', ofTenant(`/users/${id}`), change);
  }
  const press = (name: RegExp) => page.getByRole('button', { name }).click(SOON);
  const isTold = (text: RegExp) => page.getByRole('status').getByText(text).waitFor(SOON);

  describe('the buttons that set something off', () => {
    afterEach(async () => {
      await system.simulator.call('DELETE', '/faults');
      assert.deepEqual(await findBarriers(page), []);
      assert.deepEqual(visitor.complaints, []);
    });

    it('Sync now: a person whose change nobody announced is read', async () => {
      const [ada] = members as [TrueUser];
      await changeUnheard(ada, { displayName: 'Ada Read Now' });
      await page.goto(`/people/${ada.id}`);
      await page.getByRole('heading', { level: 1, name: ada.displayName ?? '' }).waitFor(SOON);
      await press(/^Sync now$/);
      await isTold(/^Asked for/);
      await page.getByRole('heading', { level: 1, name: 'Ada Read Now' }).waitFor(LATER);
      const change = page.locator('.history > li').filter({ hasText: 'Ada Read Now' });
      await change.getByText(/by a read that was asked for/).waitFor(LATER);
    });

    it('Sweep for changes: finds what nobody announced', async () => {
      const bob = members[1]!;
      await changeUnheard(bob, { displayName: 'Bob Swept Up' });
      await page.goto('/reconciles');
      await press(/^Sweep for changes$/);
      await isTold(/^Asked for/);
      await page.goto(`/people/${bob.id}`);
      await page.getByRole('heading', { level: 1, name: 'Bob Swept Up' }).waitFor(LATER);
      const change = page.locator('.history > li').filter({ hasText: 'Bob Swept Up' });
      await change.getByText(/by a sweep/).waitFor(LATER);
    });

    it('Replay: a dead letter is told as sent again, and comes back when it is still poison', async () => {
      const key = ofTenant('/poison').slice('/tenants/'.length);
      const letters = async (): Promise<any[]> =>
        (await system.admin.get('/dead-letters?limit=50')).items.filter(({ origin }: any) => origin.key === key);
      const publisher = system.eventLog.publisher();
      await publisher.start();
      await publisher.publish([{ topic: 'notifications', key, value: Buffer.from('{"version":1,"no":"event"}') }]);
      await publisher.stop();
      await eventually(async () => (await letters()).length === 1, { within: 30_000, what: 'the dead letter is kept' });
      await page.goto('/dead-letters');
      const letter = page.getByRole('region').filter({ hasText: key });
      await letter.getByRole('button', { name: 'Replay' }).click(SOON);
      await isTold(/^Sent again/);
      await letter
        .getByText(/^Sent again .* by /)
        .first()
        .waitFor(SOON);
      await eventually(async () => (await letters()).length === 2, {
        within: 30_000,
        what: 'it was handled once more',
      });
    });

    it('Send a test: the webhook gets it, and the page says so', async () => {
      await page.goto('/alerts');
      const webhook = page.getByRole('region', { name: 'To a webhook' });
      await webhook.getByLabel('Address').fill(hook.url);
      await webhook.getByLabel('Secret').fill('a-secret-of-thirty-two-letters-00');
      await webhook.getByRole('button', { name: /^Add/ }).click();
      await webhook.getByRole('button', { name: /^Send a test/ }).click(SOON);
      await webhook.getByText('The test has arrived there.').waitFor(SOON);
      assert.ok(hook.got().length > 0);
    });

    it('Allow: everyone of a plan is removed, each read once more', async () => {
      const { tenantId, groupId } = connected.tenant;
      const leavers = members.slice(-20);
      const inGroup = () => system.store.users.count({ tenantId, inGroup: true });
      const before = await inGroup();
      for (const { id } of leavers) await system.simulator.call('DELETE', ofTenant(`/groups/${groupId}/members/${id}`));
      const waiting = await eventually(
        async () => {
          const { items } = await system.admin.get(`/plans?integrationId=${connected.integrationId}`);
          const count = Number(items[0]?.counts.waiting ?? 0);
          // The first few may have gone as a few who leave.
          return count > 0 && count === leavers.length - (before - (await inGroup())) && count;
        },
        { within: 60_000, what: 'whoever did not leave yet waits in a plan' },
      );
      await page.goto('/reconciles');
      await press(new RegExp(`^Allow removal of all ${waiting}$`));
      await isTold(/^Allowed/);
      await eventually(async () => (await inGroup()) === before - leavers.length, {
        within: 60_000,
        what: 'all are out',
      });
      const answered = page.getByRole('region', { name: 'Answered plans' });
      await answered.getByText('Newest first').click(LATER);
      await answered.getByText(`${waiting} removed.`).waitFor(LATER);
    });
  });

  describe('the dashboards, while people are changed all the while', () => {
    before(async () => {
      await seedLag();
      await system.simulator.call('POST', ofTenant('/activity'), { perSecond: 4 });
    });

    /** A line over time needs two minutes; older than what tables and waterfall look at, which live changes must fill. */
    async function seedLag(): Promise<void> {
      const { integrationId } = connected;
      const minutes = Array.from({ length: 30 }, (_, index) => 20 + index);
      const measures = minutes.flatMap((minute) =>
        LAG_STEPS.map((step, place) => ({
          ...{ integrationId, step, at: new Date(Date.now() - minute * 60_000) },
          ms: 40 * (place + 1) * (1 + (minute % 5)),
        })),
      );
      await system.store.lag.add(measures);
    }
    const changes = async (): Promise<number> => (await system.simulator.call('GET', ofTenant('/activity'))).changes;
    const chart = () => page.locator('.chart canvas').first().waitFor(LATER);
    const first = (selector: string) => page.locator(selector).first().waitFor(LATER);

    async function seeFiguresGrow(): Promise<void> {
      const count = page
        .getByRole('row', { name: /^Whole way/ })
        .getByRole('cell')
        .last();
      const read = async (): Promise<number> => Number((await count.innerText()).replaceAll(/\D/g, ''));
      await count.waitFor(LATER);
      const before = await read();
      await eventually(async () => (await read()) > before, { within: 30_000, what: 'more changes are counted' });
    }

    /** And what is there only because people are changed, or because of the buttons above. */
    const PAGES: [name: string, path: () => string, heading: RegExp, filled: () => Promise<unknown>][] = [
      ['overview', () => '/', /Overview/, () => Promise.all([chart(), seeFiguresGrow()])],
      ['lag', () => '/lag', /Lag/, () => Promise.all([chart(), first('.waterfall .track > span')])],
      [
        'subscriptions',
        () => '/subscriptions',
        /Subscriptions/,
        () =>
          page
            .getByText(/ago|now/)
            .first()
            .waitFor(LATER),
      ],
      ['people', () => '/people', /People/, () => first('tbody tr')],
      ['one person', () => `/people/${members[0]!.id}`, /\S/, () => first('.history ol.path > li')],
      [
        'reconciles',
        () => '/reconciles',
        /Reconciles/,
        () =>
          page
            .getByRole('row', { name: /^People/ })
            .first()
            .waitFor(),
      ],
      [
        'dead letters',
        () => '/dead-letters',
        /Dead letters/,
        () =>
          page
            .getByText(/^Sent again/)
            .first()
            .waitFor(),
      ],
      [
        'alerts',
        () => '/alerts',
        /Alerts/,
        () =>
          page
            .getByRole('link', { name: /What to do/ })
            .first()
            .waitFor(),
      ],
      ['audit', () => '/audit', /Audit/, () => first('tbody tr')],
      ['runbook', () => '/runbook#silence', /Runbook/, () => first('#silence')],
    ];
    for (const [name, path, heading, filled] of PAGES)
      it(`${name}: accessible, as wide as the window and without complaint, at each width and theme`, async () => {
        const before = await changes();
        await openPage(visitor, { name, path: path(), heading });
        await filled();
        for (const screen of SCREENS) {
          await page.setViewportSize({ width: screen.width, height: 900 });
          await page.emulateMedia({ colorScheme: screen.theme });
          await examinePage(visitor, `live ${name}`, screen);
        }
        assert.ok((await changes()) > before, 'people were changed meanwhile');
      });

    it('Read everyone: the running read is shown with its progress, then among those that are done', async () => {
      await setFaults({ type: 'slowAnswer', ms: 8_000, path: '/user*s' });
      await page.goto('/reconciles');
      await press(/^Read everyone$/);
      await isTold(/^Asked for/);
      const running = page.getByRole('region', { name: 'Running' });
      await running.getByRole('progressbar', { name: 'People: progress' }).waitFor(LATER);
      assert.match(await running.innerText(), /People.* read/s);
      await system.simulator.call('DELETE', '/faults');
      await page
        .getByRole('region', { name: 'Full reads' })
        .getByRole('row', { name: /^People complete.*asked for/ })
        .first()
        .waitFor(LATER);
      assert.deepEqual(visitor.complaints, []);
    });
  });
});
