import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createIdMarks } from './id-marks.js';

const toId = (number: number): string => `00000000-0000-0000-0000-${number.toString(16).padStart(12, '0')}`;

describe('createIdMarks', () => {
  it('answers like a Map, for any ids and marks', () => {
    const entries = fc.array(fc.tuple(fc.oneof(fc.uuid(), fc.nat(50).map(toId)), fc.integer({ min: 1, max: 255 })), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(entries, fc.array(fc.uuid()), (given, others) => {
        const marks = createIdMarks();
        for (const [id, value] of given) marks.set(id, value);
        const expected = new Map(given);
        assert.equal(marks.size(), expected.size);
        for (const id of [...expected.keys(), ...others]) assert.equal(marks.get(id), expected.get(id) ?? 0);
      }),
    );
  });

  it('needs at most 25 bytes an id, however many there are', () => {
    const marks = createIdMarks();
    for (let number = 0; number < 60_000; number += 1) {
      marks.set(toId(number), 1);
      if (number > 20_000 && number % 500 === 0) assert.ok(marks.bytes() / marks.size() <= 25);
    }
    assert.equal(marks.size(), 60_000);
  });

  it('needs no more than 150 kB for few', () => {
    const marks = createIdMarks();
    for (let number = 0; number < 1_000; number += 1) marks.set(toId(number), 1);
    assert.ok(marks.bytes() <= 150_000);
  });

  it('refuses what is no GUID', () => {
    for (const id of ['ann', '', toId(1).slice(1), `${toId(1)}0`, toId(1).replace('1', 'g'), toId(1).replace('1', 'é')])
      assert.throws(() => createIdMarks().set(id, 1), /no GUID/);
  });
});
