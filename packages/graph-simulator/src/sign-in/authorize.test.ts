import assert from 'node:assert/strict';
import request from 'supertest';
import type { Fields, Scene } from '../../test/sign-in-scene.js';
import { BACK, SCOPES, setUpSignIn } from '../../test/sign-in-scene.js';

const fieldsOf = (address: string) => Object.fromEntries(new URL(address).searchParams);
const numberOf = (fields: Fields) => /^AADSTS(\d+)/.exec(fields['error_description'] ?? '')?.[1];

describe('8.2 and 8.3 the authorize page', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await setUpSignIn();
  });

  it('lets a person choose an account and consent, then goes back with a code and the state', async () => {
    const { browser, authorizeUrl, person, chooseAnd } = scene;
    const first = await browser.open(authorizeUrl());
    assert.match(first.text, /Choose an account/);
    const second = await chooseAnd(person);
    assert.match(second.text, /Permissions requested[\s\S]*Sign you in and read your profile/);
    const { address } = await browser.decide('accept');
    assert.ok(address.startsWith(`${BACK}?`));
    assert.deepEqual(Object.keys(fieldsOf(address)).sort(), ['client_info', 'code', 'session_state', 'state']);
    assert.equal(fieldsOf(address)['state'], 'st');
  });

  it('goes back with access_denied and AADSTS65004 when the person refuses', async () => {
    const { browser, authorizeUrl, person, chooseAnd } = scene;
    await browser.open(authorizeUrl());
    await chooseAnd(person);
    const fields = fieldsOf((await browser.decide('refuse')).address);
    assert.deepEqual([fields['error'], numberOf(fields), fields['state']], ['access_denied', '65004', 'st']);
  });

  it('finds people by any part of name or sign-in name, and shows what was typed as text', async () => {
    const { browser, authorizeUrl, person } = scene;
    await browser.open(authorizeUrl());
    const path = new URL(browser.place().address).pathname;
    const found = await browser.open(
      `http://simulator.invalid${path}?search=${encodeURIComponent(person.userPrincipalName.toUpperCase())}`,
    );
    assert.ok(found.text.includes(person.id));
    const none = await browser.open(`http://simulator.invalid${path}?search=${encodeURIComponent('<b>nobody')}`);
    assert.ok(none.text.includes('&lt;b&gt;nobody') && !none.text.includes('<b>nobody'));
  });

  it('asks neither for the account nor for consent a second time', async () => {
    const { browser, authorizeUrl, walk } = scene;
    await walk();
    assert.ok(fieldsOf((await browser.open(authorizeUrl())).address)['code']);
  });

  it('asks for the account again with prompt=select_account, for consent again with prompt=consent', async () => {
    const { browser, authorizeUrl, walk } = scene;
    await walk();
    assert.match((await browser.open(authorizeUrl({ prompt: 'select_account' }))).text, /Choose an account/);
    assert.match((await browser.open(authorizeUrl({ prompt: 'consent' }))).text, /Permissions requested/);
  });

  it('answers prompt=none at once: login_required, then consent_required, then a code', async () => {
    const { browser, authorizeUrl, chooseAnd, person } = scene;
    const silently = async () => fieldsOf((await browser.open(authorizeUrl({ prompt: 'none' }))).address);
    const unknown = await silently();
    assert.deepEqual([unknown['error'], numberOf(unknown)], ['login_required', '50058']);
    await browser.open(authorizeUrl());
    await chooseAnd(person);
    const unconsented = await silently();
    assert.deepEqual([unconsented['error'], numberOf(unconsented)], ['consent_required', '65001']);
    await browser.open(authorizeUrl());
    await browser.decide('accept');
    assert.ok((await silently())['code']);
  });

  it('takes a login_hint as the search, and refuses one of another tenant with AADSTS50020', async () => {
    const { browser, authorizeUrl, person, control, people } = scene;
    const hinted = await browser.open(authorizeUrl({ login_hint: person.userPrincipalName }));
    assert.ok(hinted.text.includes(person.id));
    const other = control.createTenant({ name: 'Fabrikam', seed: 2, people: 3 }).tenant;
    const [stranger] = people(other.tenantId);
    const { status, text } = await browser.open(authorizeUrl({ login_hint: stranger!.userPrincipalName }));
    assert.equal(status, 400);
    assert.match(text, /AADSTS50020/);
  });

  const refused: [string, Fields, string][] = [
    ['an unregistered address', { redirect_uri: 'https://evil.example/back' }, '50011'],
    ['an address with another ending', { redirect_uri: `${BACK}/more` }, '50011'],
    ['an unknown app', { client_id: '00000000-0000-4000-8000-000000000000' }, '700016'],
    ['no app', { client_id: undefined }, '900144'],
    ['an unknown response_mode', { response_mode: 'smoke' }, '90023'],
  ];
  for (const [name, change, number] of refused)
    it(`shows AADSTS${number} for ${name}, and sends nobody there`, async () => {
      const { status, text, address } = await scene.browser.open(scene.authorizeUrl(change));
      assert.equal(status, 400);
      assert.ok(text.includes(`AADSTS${number}`) && address.startsWith('http://simulator.invalid'));
    });

  const sentBack: [string, Fields, string, string][] = [
    ['a response_type other than code', { response_type: 'id_token' }, 'unsupported_response_type', '700054'],
    ['an unknown prompt', { prompt: 'maybe' }, 'invalid_request', '90023'],
    [
      'a plain challenge',
      { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' },
      'invalid_request',
      '9002313',
    ],
    ['a challenge without method', { code_challenge: 'x'.repeat(43) }, 'invalid_request', '9002313'],
    ['a short challenge', { code_challenge: 'x', code_challenge_method: 'S256' }, 'invalid_request', '501491'],
    ['a scope that does not exist', { scope: 'User.Fly' }, 'invalid_client', '650053'],
    ['a resource nobody listed', { scope: 'https://graph.windows.net/User.Read' }, 'invalid_resource', '650057'],
    ['a foreign resource', { scope: 'https://other.example/x' }, 'invalid_resource', '500011'],
    ['.default with another scope', { scope: '.default User.Read' }, 'invalid_scope', '70011'],
  ];
  for (const [name, change, error, number] of sentBack)
    it(`goes back with ${error} and AADSTS${number} for ${name}`, async () => {
      const fields = fieldsOf((await scene.browser.open(scene.authorizeUrl(change))).address);
      assert.deepEqual([fields['error'], numberOf(fields), fields['state']], [error, number, 'st']);
    });

  it('goes back with AADSTS650056 for .default when nothing is registered', async () => {
    const { browser, authorizeUrl, control, tenant } = scene;
    const { clientId } = control.registerApp(tenant.tenantId, {
      displayName: 'Bare',
      requested: [],
      requestedScopes: [],
      redirectUris: [BACK],
    });
    const fields = fieldsOf((await browser.open(authorizeUrl({ client_id: clientId, scope: '.default' }))).address);
    assert.equal(numberOf(fields), '650056');
  });

  it('answers by form_post with a form that only its own script sends', async () => {
    const { browser, authorizeUrl, person, chooseAnd } = scene;
    await browser.open(authorizeUrl({ response_mode: 'form_post' }));
    await chooseAnd(person);
    const { text } = await browser.decide('accept');
    assert.ok(text.includes(`action="${BACK}"`) && !/<script[^>]*>[^<]/.test(text));
    assert.equal(browser.hidden()['state'], 'st');
    assert.ok(browser.hidden()['code']);
  });

  it('keeps out who is disabled (50057) or blocked by conditional access (53003)', async () => {
    const { browser, authorizeUrl, person, chooseAnd, control, tenant } = scene;
    control.setPerson(tenant.tenantId, person.id, { blocked: true });
    await browser.open(authorizeUrl());
    assert.match((await chooseAnd(person)).text, /AADSTS53003/);
    control.setPerson(tenant.tenantId, person.id, { blocked: false });
    control.updateUser(tenant.tenantId, person.id, { accountEnabled: false });
    await browser.open(authorizeUrl());
    assert.match((await chooseAnd(person)).text, /AADSTS50057/);
  });

  it('goes on only in the browser that began', async () => {
    const { browser, authorizeUrl } = scene;
    await browser.open(authorizeUrl());
    const { pathname } = new URL(browser.place().address);
    const answer = await request(scene.app)
      .post(`${pathname}/account`)
      .type('form')
      .send({ tenant: scene.tenant.tenantId, user: scene.person.id });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /AADSTS9002313/);
  });
});

describe('8.1 and 8.3 consent', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await setUpSignIn();
  });
  const wide = { scope: `${SCOPES} User.Read.All` };

  it('to what needs an administrator is refused to others with AADSTS90094, or asked for with 90095', async () => {
    const { browser, authorizeUrl, person, chooseAnd, control, tenant } = scene;
    await browser.open(authorizeUrl(wide));
    assert.match((await chooseAnd(person)).text, /An administrator must approve/);
    const left = fieldsOf((await browser.decide('leave')).address);
    assert.deepEqual([left['error'], numberOf(left)], ['access_denied', '90094']);
    await browser.open(authorizeUrl(wide));
    assert.equal(numberOf(fieldsOf((await browser.decide('ask')).address)), '90095');
    const [asked] = control.describeSignIn(tenant.tenantId).consentRequests;
    assert.deepEqual([asked?.userId, asked?.clientId], [person.id, tenant.clientId]);
  });

  it('of an administrator for everybody spares the others the question', async () => {
    const { browser, authorizeUrl, person, admin, chooseAnd } = scene;
    await browser.open(authorizeUrl(wide));
    await chooseAnd(admin);
    await browser.decide('accept', { forAll: 'yes' });
    await browser.open(authorizeUrl({ ...wide, prompt: 'select_account' }));
    assert.ok(fieldsOf((await chooseAnd(person)).address)['code']);
  });

  it('of an administrator for themselves spares nobody', async () => {
    const { browser, authorizeUrl, person, admin, chooseAnd } = scene;
    await browser.open(authorizeUrl(wide));
    await chooseAnd(admin);
    await browser.decide('accept');
    await browser.open(authorizeUrl({ ...wide, prompt: 'select_account' }));
    assert.match((await chooseAnd(person)).text, /An administrator must approve/);
  });

  it('needs an administrator for everything where the tenant says so', async () => {
    const { browser, authorizeUrl, person, chooseAnd, control, tenant } = scene;
    control.setTenantPolicy(tenant.tenantId, { userConsent: 'blocked' });
    await browser.open(authorizeUrl());
    assert.match((await chooseAnd(person)).text, /An administrator must approve/);
  });

  const adminConsentUrl = ({ tenant }: Scene, change: Fields = {}) => {
    const query = { client_id: tenant.clientId, redirect_uri: BACK, state: 'abc', ...change };
    return `http://simulator.invalid/${tenant.tenantId}/adminconsent?${new URLSearchParams(query as Record<string, string>).toString()}`;
  };

  it('at the admin consent endpoint grants what the registration asks for and goes back with tenant and state', async () => {
    const { browser, admin, chooseAnd, control, tenant, ask, graph } = scene;
    control.updateApp(tenant.tenantId, tenant.clientId, { granted: [] });
    const readUsers = async () => {
      const form = { grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' };
      return (await graph((await ask(form)).body['access_token'], '/users')).status;
    };
    assert.equal(await readUsers(), 403);
    await browser.open(adminConsentUrl(scene));
    await chooseAnd(admin);
    const back = await browser.decide('accept');
    assert.deepEqual(fieldsOf(back.address), { admin_consent: 'True', tenant: tenant.tenantId, state: 'abc' });
    assert.equal(await readUsers(), 200);
  });

  it('refused at the admin consent endpoint goes back with permission_denied', async () => {
    const { browser, admin, chooseAnd } = scene;
    await browser.open(adminConsentUrl(scene));
    await chooseAnd(admin);
    const fields = fieldsOf((await browser.decide('refuse')).address);
    assert.deepEqual(
      [fields['error'], fields['state'], fields['admin_consent']],
      ['permission_denied', 'abc', undefined],
    );
  });

  it('at the admin consent endpoint cannot be given by others', async () => {
    const { browser, person, chooseAnd, control, tenant } = scene;
    control.updateApp(tenant.tenantId, tenant.clientId, { granted: [] });
    await browser.open(adminConsentUrl(scene));
    assert.match((await chooseAnd(person)).text, /An administrator must approve/);
    assert.equal(fieldsOf((await browser.decide('accept')).address)['error'], 'permission_denied');
    const [app] = control.describeSignIn(tenant.tenantId).apps;
    assert.deepEqual(app?.granted, []);
  });
});
