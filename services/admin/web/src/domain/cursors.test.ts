import assert from 'node:assert/strict';
import { toOlder } from './cursors.js';

describe('going on to the next page', () => {
  it('adds its cursor, once however often one clicks before it is there', () => {
    const second = toOlder([], 'b');
    assert.deepEqual(toOlder(second, 'b'), ['b']);
    assert.deepEqual(toOlder(toOlder(second, 'c'), 'c'), ['b', 'c']);
  });

  it('stays where there is none', () => {
    assert.deepEqual(toOlder(['b'], null), ['b']);
  });
});
