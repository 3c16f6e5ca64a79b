import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE, START, codeOf, createScene, messageOf } from '../../test/scene.js';
import { QUOTAS } from '../subscriptions/subscriptions.js';

const inMinutes = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();
const at = (body: Record<string, unknown>) => Date.parse(String(body['expirationDateTime'])) - START;

describe('contract 1.6, quotas', () => {
  const add = async (count: number, owner: (index: number) => object) => {
    const scene = await createScene();
    const { subscribe, simulator, control } = scene;
    await subscribe();
    const [first] = control.subscriptions();
    const world = simulator.subscriptions;
    for (let index = 1; index < count; index += 1)
      world.add({ ...first!, id: `${index}`, resource: `users/${index}`, ...owner(index) });
    return scene;
  };
  const cases: [string, number, (index: number) => object][] = [
    ['100 per app and tenant', QUOTAS.appInTenant, () => ({})],
    ['1,000 per tenant', QUOTAS.tenant, (index) => ({ applicationId: `app${index}` })],
    ['50,000 per app', QUOTAS.app, (index) => ({ tenantId: `tenant${index}` })],
  ];
  for (const [name, count, owner] of cases)
    it(`1.6 ${name}: one more is refused with 403`, async () => {
      const full = await add(count, owner);
      assert.equal((await full.subscribe({ resource: 'groups' })).status, 403);
      const roomy = await add(count - 1, owner);
      assert.equal((await roomy.subscribe({ resource: 'groups' })).status, 201);
    });
});

describe('contract 1.4, other operations', () => {
  const scene = async (change: object = {}) => {
    const made = await createScene();
    const { body } = await made.subscribe(change);
    return { ...made, id: String(body['id']), path: `/subscriptions/${String(body['id'])}` };
  };

  it('1.4 PATCH with an expiry renews and answers 200 with the object', async () => {
    const { call, path } = await scene();
    const { status, body } = await call('PATCH', path, { body: { expirationDateTime: inMinutes(300) } });
    assert.deepEqual([status, at(body)], [200, 300 * MINUTE]);
  });

  it('1.4 PATCH with an address moves the subscription there after a handshake', async () => {
    const { call, path, handshakes, rename, pass, notifications } = await scene();
    const other = 'https://other.example/n';
    assert.equal((await call('PATCH', path, { body: { notificationUrl: other } })).status, 200);
    assert.ok(handshakes().at(-1)!.url.startsWith(other));
    rename();
    await pass(100);
    assert.equal(notifications()[0]!.url, other);
  });

  it('1.4 PATCH with neither is a 400 that says so', async () => {
    const { call, path } = await scene();
    const answer = await call('PATCH', path, { body: { clientState: 'new' } });
    assert.equal(answer.status, 400);
    assert.equal(
      messageOf(answer),
      "Subscription must contain either the 'expirationDateTime' or 'notificationUrl' property and its value.",
    );
  });

  it('1.4 PATCH reauthorizes: the token behind the subscription lives anew', async () => {
    const { call, path, pass, control } = await scene();
    await pass(50 * MINUTE);
    await call('PATCH', path, { body: { expirationDateTime: inMinutes(600) } });
    assert.equal(control.subscriptions()[0]!.tokenExpiresAt, START + 110 * MINUTE);
  });

  it('1.4 reauthorize answers 204 without a body and does not extend the expiry', async () => {
    const { call, path, get, pass } = await scene();
    const before = at((await get(path)).body);
    await pass(10 * MINUTE);
    const answer = await call('POST', `${path}/reauthorize`);
    assert.deepEqual([answer.status, answer.body], [204, {}]);
    assert.equal(at((await get(path)).body), before);
  });

  it('1.4 GET one answers 200 with the object, its client state included', async () => {
    const { get, path, id } = await scene();
    const { status, body } = await get(path);
    assert.deepEqual([status, body['id'], body['clientState']], [200, id, 'a-secret']);
  });

  it('1.4 the list hides client states, knows no options and pages by nextLink', async () => {
    const { get, walk, subscribe, control } = await scene();
    await subscribe({ resource: 'groups' });
    control.setSettings({ pageSizes: { subscriptions: 1 } });
    const { pages, rows } = await walk('/subscriptions');
    assert.deepEqual([pages.length, rows.map(({ clientState }) => clientState)], [2, [null, null]]);
    assert.equal((await get('/subscriptions?$filter=x')).status, 400);
  });

  it('1.4 the list hides live subscriptions when a row-missing fault says so', async () => {
    const { walk, subscribe, control } = await scene();
    await subscribe({ resource: 'groups' });
    control.setSettings({ pageSizes: { subscriptions: 1 } });
    control.setFaults({ rules: [{ type: 'rowMissing', path: '/subscriptions' }] });
    assert.equal((await walk('/subscriptions')).rows.length, 1);
  });

  it('1.4 [O] the list shows a subscription that ended when a fault says so; a renewal of it is a 404 all the same', async () => {
    const { get, call, control, pass, path, id } = await scene();
    await pass(25 * 60 * MINUTE, 60 * MINUTE);
    assert.deepEqual((await get('/subscriptions')).body.value, []);
    control.setFaults({ rules: [{ type: 'endedListed', count: 1 }] });
    assert.deepEqual(
      (await get('/subscriptions')).body.value.map((one) => one.id),
      [id],
    );
    assert.equal((await call('PATCH', path, { body: { expirationDateTime: inMinutes(2_000) } })).status, 404);
    assert.deepEqual((await get('/subscriptions')).body.value, []);
  });

  it('1.4 DELETE answers 204 and ends it', async () => {
    const { call, get, path } = await scene();
    assert.equal((await call('DELETE', path)).status, 204);
    assert.equal((await get(path)).status, 404);
  });

  it('1.4 PATCH on an expired or deleted id is a 404 ResourceNotFound', async () => {
    const { call, path, pass } = await scene({ expirationDateTime: inMinutes(60) });
    await pass(HOUR);
    const answer = await call('PATCH', path, { body: { expirationDateTime: new Date(START + DAY).toISOString() } });
    assert.deepEqual(
      [answer.status, codeOf(answer), messageOf(answer)],
      [404, 'ResourceNotFound', 'The object was not found.'],
    );
  });

  it('1.4 [?] PATCH of the expiry alone validates the address only when the switch is on', async () => {
    const { call, path, handshakes, control } = await scene();
    const renew = () => call('PATCH', path, { body: { expirationDateTime: inMinutes(300) } });
    await renew();
    assert.equal(handshakes().length, 1);
    control.setSettings({ switches: { validateOnRenewal: true } });
    await renew();
    assert.equal(handshakes().length, 2);
  });

  it('1.4 create, renew and reauthorize end in 400 after 10 s when the endpoint is silent', async () => {
    const { call, path, subscribe, sent, pass, control, replyWith } = await scene();
    control.setSettings({ switches: { validateOnRenewal: true } });
    replyWith(() => ({ posted: 'failed', ms: HOUR }));
    const asked = [
      () => subscribe({ resource: 'groups' }),
      () => call('PATCH', path, { body: { expirationDateTime: inMinutes(300) } }),
      () => call('POST', `${path}/reauthorize`),
    ];
    for (const ask of asked) {
      const before = sent.length;
      const asking = ask();
      while (sent.length === before) await new Promise(setImmediate);
      await pass(10_000);
      const answer = await asking;
      assert.deepEqual([answer.status, messageOf(answer)], [400, 'Subscription validation request timed out.']);
    }
  });
});
