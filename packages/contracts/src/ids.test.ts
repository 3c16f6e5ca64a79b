import assert from 'node:assert/strict';
import { instant } from './ids.js';

describe('instant', () => {
  it('is UTC with milliseconds, and reads what it gave', () => {
    for (const [text, read] of [
      ['2026-11-23T12:00:00+02:00', '2026-11-23T10:00:00.000Z'],
      ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
      ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
    ] as const) {
      assert.equal(instant.parse(text), read);
      assert.equal(instant.parse(read), read);
    }
  });

  it('refuses what its offset moves out of the years with four digits: such a text sorts before all others', () => {
    for (const text of ['9999-12-31T23:59:59-01:00', '0000-01-01T00:00:00+01:00'])
      assert.ok(!instant.safeParse(text).success, text);
  });
});
