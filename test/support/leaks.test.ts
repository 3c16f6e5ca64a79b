import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findLeaks, toForms } from './leaks.js';

const secret = fc.string({ minLength: 12, maxLength: 60, unit: 'grapheme-ascii' });
const around = fc.string({ maxLength: 20 });
const encodings: Record<string, (text: string) => string> = {
  plain: (text) => text,
  'URL-encoded': encodeURIComponent,
  'in JSON': (text) => JSON.stringify({ text }),
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  hex: (text) => Buffer.from(text).toString('hex'),
};

describe('the search for secrets', () => {
  for (const [name, encode] of Object.entries(encodings))
    it(`finds one that is written ${name}, with anything around it`, () => {
      fc.assert(
        fc.property(secret, around, around, (value, before, after) => {
          const text = encode(before + value + after);
          assert.deepEqual(findLeaks([{ name: 'it', value }], [{ where: 'here', text }]), ['it is in here']);
        }),
      );
    });

  it('finds a line of a private key, and any token', () => {
    const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj';
    const value = `-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----`;
    assert.deepEqual(findLeaks([{ name: 'key', value }], [{ where: 'log', text: `x ${line} y` }]), ['key is in log']);
    const text = `Bearer ${['eyJhbGciOiJub25lIn0', 'eyJzdWIiOiJhZGEifQ', 'c2lnbmF0dXJl'].join('.')}`;
    assert.deepEqual(findLeaks([], [{ where: 'log', text }]), ['a token is in log']);
  });

  it('finds nothing in what does not hold it, and allows the one place that shows it', () => {
    const one = { name: 'key', value: 'muster_0123456789', shownIn: /^POST \/keys$/ };
    const text = 'muster_0123456789';
    assert.deepEqual(findLeaks([one], [{ where: 'POST /keys', text }]), []);
    assert.deepEqual(findLeaks([one], [{ where: 'GET /keys', text }]), ['key is in GET /keys']);
    assert.deepEqual(findLeaks([one], [{ where: 'GET /keys', text: 'muster_012345678' }]), []);
    assert.throws(() => toForms('short'), /by chance/);
  });
});
