import assert from 'node:assert/strict';
import { fewSamples, findStranger, isChosen, readOptions } from './options.js';

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

  it('leaves out what takes very long, unless it is named or tiny', () => {
    const [short, long] = [{ id: 'S2' }, { id: 'S1', onlyByName: true }];
    const chosen = (...args: string[]): string[] =>
      [short, long].filter((row) => isChosen(row, 'scale', readOptions(args))).map(({ id }) => id);
    assert.deepEqual(chosen(), ['S2']);
    assert.deepEqual(chosen('scale'), ['S2']);
    assert.deepEqual(chosen('S1'), ['S1']);
    assert.deepEqual(chosen('--tiny'), ['S2', 'S1']);
    assert.deepEqual(chosen('receiver', 'F1'), []);
  });

  it('names the row that there is not', () => {
    const known = [{ id: 'R1' }, { id: 'R2' }];
    assert.equal(findStranger(readOptions(['R2', 'R99']).rows, known), 'R99');
    assert.equal(findStranger(readOptions(['R2']).rows, known), undefined);
  });

  it('takes the people of the largest tenant by either name', () => {
    assert.equal(readOptions(['S1']).million, 1_000_000);
    assert.equal(readOptions(['S1', '--people', '20000']).million, 20_000);
    assert.equal(readOptions(['S1', '--people', '1', '--million', '30000']).million, 30_000);
  });
});
