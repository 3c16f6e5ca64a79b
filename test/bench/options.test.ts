import assert from 'node:assert/strict';
import { fewSamples, readOptions } from './options.js';

describe('the options of the bench', () => {
  it('takes few samples where each takes long, unless it is told how many', () => {
    assert.equal(fewSamples(readOptions([]), 2), 2);
    assert.equal(fewSamples(readOptions(['--tiny']), 2), 1);
    assert.equal(fewSamples(readOptions(['--samples', '5']), 2), 5);
    assert.equal(fewSamples(readOptions(['--tiny', '--samples', '3']), 1), 3);
  });

  it('leaves each row its own limit, unless it is told another', () => {
    assert.equal(readOptions(['R11', '--queued', '100000']).limitMinutes, null);
    assert.equal(readOptions(['R11', '--limit-minutes', '45']).limitMinutes, 45);
    assert.throws(() => readOptions(['--limit-minutes', '0']), /--limit-minutes is 0; give a whole number above 0/);
  });
});
