import assert from 'node:assert/strict';
import { hashPassword, isPassword, isPasswordHash } from './password-hash.js';

describe('password hash', () => {
  it('knows its password, however its letters were typed, and no other', async () => {
    const hash = await hashPassword('caf\u00e9 correct horse');
    assert.ok(isPasswordHash(hash) && !hash.includes('$') && !hash.includes('horse'), hash);
    assert.equal(await isPassword('cafe\u0301 correct horse', hash), true);
    assert.equal(await isPassword('cafe correct horse', hash), false);
    assert.equal(await isPassword('', hash), false);
  });

  it('is salted', async () => {
    assert.notEqual(await hashPassword('the same'), await hashPassword('the same'));
  });

  it('is not taken when it is cheap, ruinous or something else', async () => {
    const salt = 'A'.repeat(22);
    const hash = 'A'.repeat(43);
    for (const text of [`scrypt:1:8:1:${salt}:${hash}`, `scrypt:30:8:1:${salt}:${hash}`, 'hunter2', '']) {
      assert.equal(isPasswordHash(text), false, text);
      assert.equal(await isPassword('x', text), false, text);
    }
  });
});
