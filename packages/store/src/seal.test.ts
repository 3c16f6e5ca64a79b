import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { isFailure } from '@muster/contracts';
import { toSecretContext } from './open-proof.js';
import { createSealer } from './seal.js';

const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const context = toSecretContext('11111111-1111-4111-8111-111111111111', 'a');
const hasCode = (code: string) => (error: unknown) => isFailure(error) && error.code === code && !error.retryable;

describe('createSealer', () => {
  it('opens what it sealed, whatever the text, and never seals the same way twice', () => {
    const sealer = createSealer([newKey]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string(), (text, about) => {
        const [one, other] = [sealer.seal(text, about), sealer.seal(text, about)];
        assert.notEqual(one, other);
        assert.equal(sealer.open(one, about), Buffer.from(text).toString('utf8'));
      }),
    );
  });

  it('opens what an older key of the ring sealed, and says that it is outdated', () => {
    const before = createSealer([oldKey]).seal('value', context);
    const rotated = createSealer([newKey, oldKey]);
    assert.equal(rotated.open(before, context), 'value');
    assert.equal(rotated.isOutdated(before), true);
    assert.equal(rotated.isOutdated(rotated.seal('value', context)), false);
    assert.equal(createSealer([newKey]).open(rotated.seal('value', context), context), 'value');
  });

  it('says which key is missing when it has left the ring', () => {
    const before = createSealer([oldKey]).seal('value', context);
    assert.throws(() => createSealer([newKey]).open(before, context), hasCode('seal.unknown-key'));
  });

  it('refuses a secret with any byte changed', () => {
    const sealer = createSealer([newKey]);
    const sealed = sealer.seal('the client secret', context);
    const [version = '', keyId = '', iv = '', body = ''] = sealed.split('.');
    for (const part of [iv, body]) {
      const bytes = Buffer.from(part, 'base64url');
      for (let index = 0; index < bytes.length; index += 1) {
        const changed = Buffer.from(bytes);
        changed[index] = (changed[index] ?? 0) ^ 1;
        const text = changed.toString('base64url');
        const token = [version, keyId, ...(part === iv ? [text, body] : [iv, text])].join('.');
        assert.throws(() => sealer.open(token, context), hasCode('seal.broken'), `byte ${index}`);
      }
    }
  });

  it('refuses a secret that was moved to another slot or integration', () => {
    const sealer = createSealer([newKey]);
    const sealed = sealer.seal('value', context);
    for (const other of [toSecretContext('11111111-1111-4111-8111-111111111111', 'b'), toSecretContext('x', 'a'), '']) {
      assert.throws(() => sealer.open(sealed, other), hasCode('seal.broken'));
    }
  });

  it('refuses what is not sealed, without repeating it', () => {
    const sealer = createSealer([newKey]);
    for (const text of ['', 'plain secret', 's1.abc', `s1.${'0'.repeat(12)}.AAAA.AAAA`]) {
      assert.throws(
        () => sealer.open(text, context),
        (error: unknown) => hasCode('seal.broken')(error) && !(error as Error).message.includes('plain secret'),
      );
    }
  });
});
