import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MASK, maskSecrets, toReadablePayload } from './mask.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('masking', () => {
  it('values under names of secrets go, however deep; the rest stays', () => {
    const masked = maskSecrets({ id: 'u1', list: [{ clientState: 'x', client_secret: { a: 1 }, accessToken: null }] });
    assert.deepEqual(masked, { id: 'u1', list: [{ clientState: MASK, client_secret: MASK, accessToken: null }] });
  });

  it('tokens go wherever they stand', () => {
    const token = `eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(20)}.${'b'.repeat(20)}`;
    assert.equal(maskSecrets(`said ${token} twice`), `said ${MASK} twice`);
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
});
