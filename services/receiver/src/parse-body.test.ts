import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseBody } from './parse-body.js';

const parse = (text: string): readonly unknown[] | null => parseBody(Buffer.from(text));

describe('parseBody', () => {
  it('keeps integers over 2^53 whole, as text, and leaves other numbers as they are', () => {
    assert.deepEqual(parse('{"value":[636784480202455801, -9007199254740993, 12, 1.5, 9007199254740991]}'), [
      '636784480202455801',
      '-9007199254740993',
      12,
      1.5,
      9_007_199_254_740_991,
    ]);
  });

  it('keeps the sequenceNumber whole however it is written, and is not misled by text that looks like it', () => {
    const numbers = ['638999999999999999', '-638999999999999999', '9007199254740993', '12'];
    const spaces = fc.constantFrom('', ' ', '\n', '\t ');
    fc.assert(
      fc.property(fc.constantFrom(...numbers), spaces, spaces, fc.string(), (number, before, after, note) => {
        const decoy = JSON.stringify(`"sequenceNumber":638999999999999999,${note}`);
        const text = `{"value":[{"note":${decoy},"sequenceNumber"${before}:${after}${number}${before}}]}`;
        const [item] = parse(text) as [{ note: string; sequenceNumber: string | number }];
        assert.equal(String(item.sequenceNumber), number);
        assert.equal(item.note, JSON.parse(decoy));
      }),
    );
  });

  it('answers null for what is not JSON or holds nothing', () => {
    for (const text of ['', '{', 'null', '[]', '{}', '{"value":[]}', '{"value":{}}', '['.repeat(100_000)])
      assert.equal(parse(text), null, text.slice(0, 20));
  });

  it('takes the last of two equal fields, as JSON.parse does', () => {
    assert.deepEqual(parse('{"value":[{"a":1,"a":2}]}'), [{ a: 2 }]);
  });

  it('reads everything else as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (value) => {
        const text = JSON.stringify({ value });
        fc.pre(!/\d{16}|__proto__/.test(text));
        assert.deepEqual(parse(text), (JSON.parse(text) as { value: unknown }).value);
      }),
    );
  });

  it('never throws, whatever bytes come', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseBody(Buffer.from(bytes))));
  });
});
