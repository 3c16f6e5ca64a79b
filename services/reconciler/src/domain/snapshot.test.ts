import assert from 'node:assert/strict';
import { isInScope, judgeRead, MARK, mayHaveLeft, toProjectionLimit, type ReadFigures } from './snapshot.js';

const whole: ReadFigures = {
  lastPageReached: true,
  rows: 10,
  malformed: 0,
  countBefore: 10,
  countAfter: 10,
  answered: 12,
  partitions: 12,
};
const codeOf = (figures: Partial<ReadFigures>): string => {
  const verdict = judgeRead({ ...whole, ...figures });
  return verdict.ok ? 'complete' : verdict.code;
};

describe('judgeRead', () => {
  it('calls a read complete when the last page, the count and every partition agree', () => {
    assert.equal(codeOf({}), 'complete');
  });

  it('takes rows between the counts before and after, whichever is larger', () => {
    assert.equal(codeOf({ countBefore: 8, countAfter: 12 }), 'complete');
    assert.equal(codeOf({ countBefore: 12, countAfter: 8 }), 'complete');
    assert.equal(codeOf({ countBefore: 11, countAfter: 12 }), 'snapshot.count-differs');
    assert.equal(codeOf({ countBefore: 8, countAfter: 9 }), 'snapshot.count-differs');
  });

  it('needs no count where Graph gives none', () => {
    assert.equal(codeOf({ countBefore: null, countAfter: null }), 'complete');
  });

  it('says why a read is not complete', () => {
    assert.equal(codeOf({ lastPageReached: false }), 'snapshot.cut');
    assert.equal(codeOf({ malformed: 1 }), 'snapshot.malformed');
    assert.equal(codeOf({ answered: 11 }), 'snapshot.not-projected');
  });
});

describe('mayHaveLeft', () => {
  const before = '2026-01-01T00:00:00.000Z';
  const began = '2026-01-01T01:00:00.000Z';
  const membership = { groupId: 'staff', observedAt: before };
  const person = { userId: 'ann', observedAt: before, inGroup: true, membership };
  const read = { groupId: 'staff', readBegan: began };

  it('suspects who was not seen, and who was seen outside while the document says in', () => {
    assert.equal(mayHaveLeft(person, 0, read), true);
    assert.equal(mayHaveLeft(person, MARK.present, read), true);
  });

  it('leaves alone who was seen in scope, and who was outside before', () => {
    assert.equal(mayHaveLeft(person, MARK.inScope, read), false);
    assert.equal(mayHaveLeft({ ...person, inGroup: false }, MARK.present, read), false);
  });

  it('leaves alone whose membership was observed after the read began', () => {
    const seen = { ...person, observedAt: began, membership: { ...membership, observedAt: began } };
    assert.equal(mayHaveLeft(seen, 0, read), false);
    assert.equal(mayHaveLeft(seen, MARK.present, read), false);
    const everyone = { groupId: null, readBegan: began };
    assert.equal(mayHaveLeft({ ...person, observedAt: began, membership: null }, MARK.present, everyone), false);
  });

  it('suspects whom a sweep told of meanwhile without the group, as it does after another one was chosen', () => {
    const touched = { ...person, observedAt: began };
    assert.equal(mayHaveLeft(touched, MARK.present, read), true);
    const newer = { ...touched, membership: { groupId: 'former', observedAt: began } };
    assert.equal(mayHaveLeft(newer, MARK.present, read), true);
    assert.equal(mayHaveLeft(newer, 0, read), true);
    assert.equal(mayHaveLeft({ ...touched, membership: null }, MARK.present, read), true);
    assert.equal(mayHaveLeft({ ...newer, inGroup: false }, 0, read), false);
  });
});

describe('isInScope', () => {
  const guest = { userType: 'Guest', inGroup: false };

  it('takes everyone without a group, guests by the setting', () => {
    assert.equal(isInScope({ groupId: null, includeGuests: true }, guest), true);
    assert.equal(isInScope({ groupId: null, includeGuests: false }, guest), false);
    assert.equal(isInScope({ groupId: null, includeGuests: false }, { userType: null, inGroup: false }), true);
  });

  it('takes the members of the chosen group, guests among them', () => {
    assert.equal(isInScope({ groupId: 'g', includeGuests: false }, { ...guest, inGroup: true }), true);
    assert.equal(isInScope({ groupId: 'g', includeGuests: true }, { userType: 'Member', inGroup: false }), false);
  });
});

describe('how long the projector may take', () => {
  it('is the limit up to 100,000 rows, and ten times that for a million', () => {
    assert.deepEqual(
      [0, 5_000, 100_000, 1_000_000].map((rows) => toProjectionLimit(rows, 30)),
      [30, 30, 30, 300],
    );
  });
});
