import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MASK, maskSecrets, maskString, toReadablePayload } from './mask.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('masking', () => {
  it('values under names of secrets go, however deep; the rest stays', () => {
    const masked = maskSecrets({ id: 'u1', list: [{ clientState: 'x', client_secret: { a: 1 }, accessToken: null }] });
    assert.deepEqual(masked, { id: 'u1', list: [{ clientState: MASK, client_secret: MASK, accessToken: null }] });
  });

  it('tokens go wherever they stand', () => {
    const token = `eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(20)}.${'b'.repeat(20)}`;
    assert.equal(maskSecrets(`said ${token} twice`), `said ${MASK} twice`);
    assert.equal(maskSecrets(`token-${token}.x,${token}`), `token-${MASK}.x,${MASK}`, 'also glued to a word');
    assert.equal(maskSecrets('eyJhbGciOiJI.only'), 'eyJhbGciOiJI.only', 'two parts are no token');
    assert.equal(maskSecrets('Authorization: Bearer abc.def'), `Authorization: ${MASK}`);
  });

  it('JSON that is cut off is masked as text, a tombstone is null, bytes that are no text do no harm', () => {
    assert.equal(toReadablePayload(base64('{"clientState":"hush","id":"u')), `{"clientState":"${MASK}","id":"u`);
    assert.equal(toReadablePayload(null), null);
    assert.equal(typeof toReadablePayload(Buffer.from([0xff, 0xfe, 0x00]).toString('base64')), 'string');
  });

  it('a long payload is cut', () => {
    const shown = toReadablePayload(base64('x'.repeat(100)), 10);
    assert.equal(shown, `${'x'.repeat(10)}… (100 characters)`);
  });

  it('no value under a secret’s name is ever left, whatever its text', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.constantFrom('clientState', 'password', 'x-api-key'),
        (text, name) => {
          const secret = `<<${text}>>`;
          const shown = JSON.stringify(toReadablePayload(base64(JSON.stringify({ [name]: secret }))));
          assert.ok(!shown.includes(JSON.stringify(secret).slice(1, -1)));
        },
      ),
    );
  });

  it('a string that holds JSON is looked into, and put back as JSON', () => {
    const value = JSON.stringify({ clientSecret: 'abc~hush', id: 'u1' });
    assert.deepEqual(maskSecrets({ value }), { value: JSON.stringify({ clientSecret: MASK, id: 'u1' }) });
    assert.equal(maskString('"7"'), '"7"', 'a string that is no object or list stays as it is');
    assert.equal(maskString('refused: {"client_secret":"hush"}'), `refused: {"client_secret":"${MASK}"}`);
    assert.equal(maskString('POST client_secret=hush&scope=x'), `POST client_secret=${MASK}&scope=x`);
  });

  it('what is nested as deep as nobody reads is not shown, and does no harm', () => {
    const deep = `${'['.repeat(8_000)}"hush"${']'.repeat(8_000)}`;
    assert.doesNotMatch(JSON.stringify(toReadablePayload(base64(deep))), /hush/);
  });

  const wraps = fc.array(fc.constantFrom('object', 'list', 'text'), { maxLength: 6 });
  const wrap = (value: unknown, how: string): unknown => {
    if (how === 'text') return JSON.stringify(value);
    return how === 'list' ? ['before', value] : { id: 'u1', value, after: 1 };
  };
  const secretNames = fc.constantFrom('clientState', 'clientSecret', 'password', 'x-api-key', 'refresh_token');
  const nested = fc
    .record({ text: fc.string(), name: secretNames, wraps })
    .map((one) => JSON.stringify(one.wraps.reduce(wrap, { [one.name]: `hush-a${one.text}hush-z`, more: [1] })));

  it('no secret is left however it is nested, in objects, lists and strings that hold JSON', () => {
    fc.assert(
      fc.property(nested, fc.integer({ min: 1, max: 400 }), (text, limit) => {
        for (const shown of [toReadablePayload(base64(text)), toReadablePayload(base64(text), limit), maskString(text)])
          assert.doesNotMatch(JSON.stringify(shown), /hush/);
      }),
    );
  });

  it('nor where the JSON is cut off, or stands within other text', () => {
    fc.assert(
      fc.property(nested, fc.double({ min: 0, max: 1, noNaN: true }), (text, share) => {
        const cut = text.slice(0, Math.floor(share * text.length));
        for (const shown of [toReadablePayload(base64(cut)), maskString(`is not JSON: ${cut}`), maskString(`${text}!`)])
          assert.doesNotMatch(JSON.stringify(shown), /hush/);
      }),
    );
  });

  describe('takes as long for a hostile text as for any other of its length, about', () => {
    const LENGTH = 60_000;
    const repeat = (part: string): string => part.repeat(Math.ceil(LENGTH / part.length));
    /** The best of some: what else the machine does only adds. */
    const measure = (text: string): number => {
      const times = Array.from({ length: 3 }, () => {
        const start = performance.now();
        maskString(text);
        return performance.now() - start;
      });
      return Math.max(1, Math.min(...times));
    };
    const hostile = [
      ...['eyJ', 'eyJaaaaaaaa', 'eyJaaaaaaaa.', 'muster_', 'Bearer ', '_token', '=token', '"', '\\', '\\"', '"a" '],
      ...['"token":"\\', '\\\\"token":"', '{"a":"', '['],
    ].map((part) => [part, repeat(part)] as const);
    for (const [name, text] of [
      ...hostile,
      ['eyJ… with one dot', `${repeat('eyJ')}. `],
      ['"   …', `"${repeat(' ')}`],
    ] as const)
      it(name, function () {
        this.timeout(120_000);
        const plain = measure(repeat('a line of words. '));
        assert.ok(measure(text) < 200 * plain);
      });
  });
});
