import assert from 'node:assert/strict';
import { GraphFault } from './fault.js';
import { keysOf, parseFilter, toPredicate } from './filter.js';

type Row = { id: string; name: string; on: boolean; tags: string[] };
const ROWS: Row[] = [
  { id: '1', name: "O'Brien", on: true, tags: ['sms'] },
  { id: '2', name: 'Ömer', on: false, tags: ['push', 'sms'] },
  { id: '3', name: 'omar', on: true, tags: [] },
];
const select = (text: string) =>
  ROWS.filter(toPredicate<Row>(parseFilter(text), (name) => (row) => row[name as keyof Row])).map(({ id }) => id);

describe('a filter', () => {
  const cases: [string, string[]][] = [
    ["name eq 'o''brien'", ['1']],
    ['on eq true', ['1', '3']],
    ["startswith(name,'ÖM')", ['2']],
    ["on eq true and startsWith(name, 'o')", ['1', '3']],
    ["id eq '1' or id eq '2' and on eq true", ['1']],
    ["(id eq '1' or id eq '2') and on eq false", ['2']],
    ["id in ('2','3')", ['2', '3']],
    ["tags/any(x:x eq 'push')", ['2']],
    ['on ne true', ['2']],
  ];
  for (const [text, ids] of cases)
    it(`${text} selects ${ids.join(' and ')}`, () => {
      assert.deepEqual(select(text), ids);
    });

  for (const text of ['on eq', "name gt 'a'", "id eq '1' id", "startswith(name 'a')", '', 'on eq maybe', '"'])
    it(`${text || 'of nothing'} is refused with 400`, () => {
      assert.throws(
        () => parseFilter(text),
        (error: unknown) => error instanceof GraphFault && error.status === 400,
      );
    });

  it('names its keys only when it says nothing else', () => {
    assert.deepEqual(keysOf(parseFilter("id eq 'a' or id in ('b','c')"), 'id'), ['a', 'b', 'c']);
    assert.equal(keysOf(parseFilter("id eq 'a' and on eq true"), 'id'), null);
    assert.equal(keysOf(parseFilter("id eq 'a' or on eq true"), 'id'), null);
  });
});
