import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CHROMIUM_FLAGS, findChromium, testServers } from '@muster/test-support';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createSimulator } from '../src/index.js';
import type { Simulator } from '../src/index.js';

type Call = { readonly method: string; readonly fields: Record<string, string> };

/** The app's side: notes what comes back to it. */
const startCallback = async () => {
  const calls: Call[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const fields = Object.fromEntries(request.method === 'POST' ? new URLSearchParams(body) : url.searchParams);
      if (url.pathname === '/back') calls.push({ method: request.method ?? '', fields });
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>App</title><p>Back in the app</p>');
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const uri = `http://localhost:${(server.address() as AddressInfo).port}/back`;
  return { calls, uri, stop: () => new Promise<void>((resolve) => void server.close(() => resolve())) };
};

it('a machine without Chromium is told what to install', () => {
  assert.throws(() => findChromium('/nowhere/chromium'), /install Debian's chromium package or set CHROMIUM_PATH/);
});

describe('the sign-in pages in Chromium', () => {
  let simulator: Simulator;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let origin: string;
  let callback: Awaited<ReturnType<typeof startCallback>>;
  let tenant: ReturnType<Simulator['control']['createTenant']>['tenant'];
  let person: { id: string; displayName: string; userPrincipalName: string };
  let complaints: string[];

  before(async () => {
    browser = await chromium.launch({
      executablePath: findChromium(process.env['CHROMIUM_PATH']),
      args: [...CHROMIUM_FLAGS],
    });
    const { tlsCertFile, tlsKeyFile } = testServers();
    const tls = { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') };
    simulator = await createSimulator({ tls, pagesPort: 0 });
    origin = await simulator.start();
    callback = await startCallback();
    const plan = { people: 60, disabled: 0, guests: 0, redirectUris: [callback.uri] };
    ({ tenant } = simulator.control.createTenant(plan));
    person = simulator.control.truth(tenant.tenantId).users[40] as unknown as typeof person;
  });

  after(async () => {
    await browser.close();
    await callback.stop();
    await simulator.stop();
  });

  beforeEach(async () => {
    // The pages are also asked for over https, where this browser does not know the authority.
    context = await browser.newContext({ ignoreHTTPSErrors: true });
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    simulator.control.revokeConsent(tenant.tenantId, tenant.clientId);
    callback.calls.length = 0;
  });
  afterEach(() => context.close());

  const authorizeUrl = async (change: Record<string, string> = {}) => {
    const answer = await fetch(`${origin}/${tenant.tenantId}/v2.0/.well-known/openid-configuration`);
    const { authorization_endpoint: endpoint } = (await answer.json()) as { authorization_endpoint: string };
    const query = { client_id: tenant.clientId, response_type: 'code', redirect_uri: callback.uri, state: 's<1>' };
    return `${endpoint}?${new URLSearchParams({ ...query, scope: 'openid profile User.Read', ...change }).toString()}`;
  };

  const chooseBySearch = async () => {
    await page.getByRole('searchbox').fill(person.userPrincipalName);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: person.displayName }).click();
  };

  it('lead from authorize over consent to the callback, with code and state', async () => {
    await page.goto(await authorizeUrl());
    await chooseBySearch();
    await page.getByRole('heading', { name: 'Permissions requested' }).waitFor();
    await page.getByText('Sign you in and read your profile').click();
    await page.getByText('User.Read', { exact: true }).waitFor({ state: 'visible' });
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.getByText('Back in the app').waitFor();
    const [call] = callback.calls;
    assert.deepEqual([call?.method, call?.fields['state']], ['GET', 's<1>']);
    assert.ok(call?.fields['code']);
    assert.deepEqual(complaints, []);
  });

  it('lead back with access_denied after a refusal', async () => {
    await page.goto(await authorizeUrl());
    await chooseBySearch();
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('Back in the app').waitFor();
    const [call] = callback.calls;
    assert.equal(call?.fields['error'], 'access_denied');
    assert.match(call.fields['error_description'] ?? '', /^AADSTS65004/);
  });

  it('can be walked by keyboard alone', async () => {
    await page.goto(await authorizeUrl());
    const press = async (name: string) => {
      const focused = () => page.evaluate<string>('document.activeElement?.textContent ?? ""');
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press('Tab');
        if ((await focused()).includes(name)) break;
      }
      assert.ok((await focused()).includes(name), `Tab reaches ${name}`);
      await page.keyboard.press('Enter');
    };
    await press('Administrator');
    await page.getByRole('heading', { name: 'Permissions requested' }).waitFor();
    await press('Accept');
    await page.getByText('Back in the app').waitFor();
    assert.ok(callback.calls[0]?.fields['code']);
  });

  it('post the answer by their own script for response_mode=form_post, within the policy', async () => {
    await page.goto(await authorizeUrl({ response_mode: 'form_post' }));
    await chooseBySearch();
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.getByText('Back in the app').waitFor();
    const [call] = callback.calls;
    assert.deepEqual([call?.method, call?.fields['state']], ['POST', 's<1>']);
    assert.deepEqual(complaints, []);
  });

  it('let an administrator consent for everybody, over https too', async () => {
    const query = new URLSearchParams({ client_id: tenant.clientId, redirect_uri: callback.uri, state: 'x' });
    await page.goto(`${origin}/${tenant.tenantId}/adminconsent?${query.toString()}`);
    await page.getByRole('button', { name: 'Administrator' }).first().click();
    await page.getByRole('button', { name: 'Accept for everybody' }).click();
    await page.getByText('Back in the app').waitFor();
    assert.deepEqual(callback.calls[0]?.fields, { admin_consent: 'True', tenant: tenant.tenantId, state: 'x' });
  });

  for (const width of [390, 1440])
    for (const colorScheme of ['light', 'dark'] as const)
      it(`fit a window of ${width} pixels, ${colorScheme}, and can be read`, async () => {
        await page.setViewportSize({ width, height: 844 });
        await page.emulateMedia({ colorScheme });
        await page.goto(await authorizeUrl());
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
        const colours = await page.evaluate<[string, string]>(
          `['color', 'backgroundColor'].map((name) => getComputedStyle(document.body)[name])`,
        );
        const [ink, paper] = colours.map((colour) => Number(/\d+/.exec(colour)?.[0]));
        assert.ok(colorScheme === 'light' ? ink! < paper! : ink! > paper!);
      });
});
