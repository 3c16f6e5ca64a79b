import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toCsvLine } from './to-csv.js';

describe('a line of CSV', () => {
  it('keeps text, numbers and lists, and leaves out what is not there', () => {
    assert.equal(toCsvLine(['Ada', 3, true, ['a', 'b'], null, undefined]), 'Ada,3,true,a b,,\r\n');
    assert.equal(toCsvLine(['a "b", c', 'two\nlines']), '"a ""b"", c","two\nlines"\r\n');
  });

  it('holds no cell that a spreadsheet would run', () => {
    for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '  =1', '\r=1', '|calc', '%x'])
      assert.match(toCsvLine([text]), /^"?'/, JSON.stringify(text));
  });

  it('can be read back, whatever was in it, and no cell begins a formula', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (one, other) => {
        const line = toCsvLine([one, other, 'end']);
        const quoted = line.replace(/\r\n$/, '');
        const cells = [...quoted.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, cell = '']) =>
          cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
        );
        assert.equal(cells.length, 3, line);
        assert.deepEqual(
          cells.map((cell, index) => [`'${[one, other, 'end'][index]}`, [one, other, 'end'][index]].includes(cell)),
          [true, true, true],
        );
        assert.ok(cells.every((cell) => !/^\s*[=+\-@|%]/.test(cell)));
      }),
    );
  });
});
