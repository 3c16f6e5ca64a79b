import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isChosen, PARTS, readOptions } from '../options.js';
import { ROWS } from './all-rows.js';

const all = PARTS.flatMap((part) => ROWS[part].map((row) => ({ part, row })));
const ids = all.map(({ row }) => row.id);

describe('the rows of the bench', () => {
  it('are all that measures ask for, each once', () => {
    const wanted = [...Array.from({ length: 14 }, (_, index) => `R${index + 1}`), 'S1', 'S2', 'F1'];
    assert.deepEqual(ids.toSorted(), wanted.toSorted());
  });

  it('run alone when they are named', () => {
    for (const id of ids) {
      const options = readOptions([id]);
      assert.deepEqual(
        all.flatMap(({ part, row }) => (isChosen(row, part, options) ? [row.id] : [])),
        [id],
      );
    }
  });

  it('each have a line in the measurements, with the command that takes it again', () => {
    const text = readFileSync(new URL('../../../docs/measurements.md', import.meta.url), 'utf8');
    const lines = ids.map((id) => new RegExp(`^\\| ${id} +\\|.*(pnpm bench|as R1).*\\|$`, 'm'));
    for (const line of lines) assert.match(text, line);
  });
});
