import assert from 'node:assert/strict';
import { URL_A, createScene } from '../../test/scene.js';

describe('contract 2, validation handshake', () => {
  const echo =
    (change: (token: string) => { status?: number; contentType?: string; body?: string }) => (url: string) => {
      const token = new URL(url).searchParams.get('validationToken') ?? '';
      return { posted: { status: 200, contentType: 'text/plain', body: token, ...change(token) } };
    };

  it('2.1 is a POST with the token in the query, text/plain in UTF-8 and no body, while the create is open', async () => {
    const { subscribe, handshakes } = await createScene();
    await subscribe();
    const [shake] = handshakes();
    assert.deepEqual([shake!.contentType, shake!.body], ['text/plain; charset=utf-8', '']);
    assert.match(shake!.url, /\?key=1&validationToken=[^&]+$/);
  });

  const answers: [string, Parameters<typeof echo>[0], number][] = [
    ['200, text/plain and the decoded token', () => ({}), 201],
    ['a charset behind text/plain', () => ({ contentType: 'text/plain; charset=utf-8' }), 201],
    ['202', () => ({ status: 202 }), 400],
    ['the JSON content type', () => ({ contentType: 'application/json' }), 400],
    ['an encoded echo', (token) => ({ body: encodeURIComponent(token) }), 400],
    ['a quoted body', (token) => ({ body: JSON.stringify(token) }), 400],
    ['a double-decoded body', (token) => ({ body: decodeURIComponent(token.replaceAll('+', ' ')) }), 400],
    ['[?] a trailing newline', (token) => ({ body: `${token}\n` }), 400],
  ];
  for (const [name, change, expected] of answers)
    it(`2.2 and 2.8 an answer with ${name} ends in ${expected}`, async () => {
      const { subscribe, replyWith, control } = await createScene();
      control.setSettings({ switches: { handshakeTokenSuffix: 'a+b%20c' } });
      replyWith(echo(change));
      assert.equal((await subscribe()).status, expected);
    });

  it('2.8 [?] a trailing newline is forgiven when the switch is on', async () => {
    const { subscribe, replyWith, control } = await createScene();
    control.setSettings({ switches: { handshakeTrailingNewline: true } });
    replyWith(echo((token) => ({ body: `${token}\n` })));
    assert.equal((await subscribe()).status, 201);
  });

  for (const [ms, expected] of [
    [9_900, 201],
    [10_100, 400],
  ] as const)
    it(`2.2 and 2.8 a reply after ${ms} ms ends in ${expected}`, async () => {
      const { subscribe, replyWith, sent, pass } = await createScene();
      replyWith((url) => ({ ...echo(() => ({}))(url), ms }));
      const creating = subscribe();
      while (sent.length === 0) await new Promise(setImmediate);
      await pass(9_900);
      await pass(200);
      assert.equal((await creating).status, expected);
    });

  for (const suffix of ['+', '%2B', '%20', ':=', 'ÄÖ名前'])
    it(`2.3 and 2.8 the token is opaque: with ${suffix} at its end it must come back the same`, async () => {
      const { subscribe, control, handshakes } = await createScene();
      control.setSettings({ switches: { handshakeTokenSuffix: suffix } });
      assert.equal((await subscribe()).status, 201);
      assert.ok(new URL(handshakes()[0]!.url).searchParams.get('validationToken')!.endsWith(suffix));
    });

  it('2.3 the token never contains HTML', async () => {
    const { subscribe, handshakes } = await createScene();
    await subscribe();
    assert.doesNotMatch(decodeURIComponent(handshakes()[0]!.url), /[<>"']/);
  });

  it('2.4 both addresses are validated, twice when they are the same', async () => {
    const { subscribe, handshakes } = await createScene();
    await subscribe({ lifecycleNotificationUrl: URL_A });
    assert.equal(handshakes().length, 2);
  });

  it('2.5 failure leaves no subscription', async () => {
    const { subscribe, replyWith, get } = await createScene();
    replyWith(() => ({ posted: 'failed' }));
    assert.equal((await subscribe()).status, 400);
    assert.deepEqual((await get('/subscriptions')).body.value, []);
  });

  it('2.5 the endpoint answers before it can know the subscription id', async () => {
    const { subscribe, handshakes } = await createScene();
    const { body } = await subscribe();
    assert.ok(!handshakes()[0]!.url.includes(String(body['id'])));
  });
});
