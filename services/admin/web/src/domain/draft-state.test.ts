import assert from 'node:assert/strict';
import fc from 'fast-check';
import { changeDraft, isOutdated, isSameAdmins, mergeAdmins } from './draft-state.js';

describe('a draft while others save', () => {
  it('keeps the revision of its first key, whatever is read later', () => {
    const first = changeDraft(undefined, { name: 'C' }, 3);
    const second = changeDraft(first, { name: 'Co', groupId: 'g' }, 4);
    assert.deepEqual(second, { revision: 3, changes: { name: 'Co', groupId: 'g' } });
    assert.deepEqual([isOutdated(second, 3), isOutdated(second, 4)], [false, true]);
  });

  it('of something new, or without a draft, nobody collides', () => {
    assert.equal(isOutdated(changeDraft(undefined, { name: 'C' }, null), null), false);
    assert.equal(isOutdated(undefined, 7), false);
  });
});

const NAMES = ['ada', 'bob', 'cy', 'dee', 'eve'];
const group = fc.option(fc.constantFrom('g1', 'g2', 'g3'));
const admins = fc.record({
  people: fc.uniqueArray(fc.constantFrom(...NAMES)),
  groupId: group,
});

describe('two who name administrators at once', () => {
  it('without a change here, theirs stands; without one there, mine', () =>
    fc.assert(
      fc.property(admins, admins, (base, changed) => {
        assert.ok(isSameAdmins(mergeAdmins(base, base, changed), changed));
        assert.ok(isSameAdmins(mergeAdmins(base, changed, base), changed));
      }),
    ));

  it('everybody whom either added is there once, nobody whom either took off', () =>
    fc.assert(
      fc.property(admins, admins, admins, (base, mine, theirs) => {
        const { people } = mergeAdmins(base, mine, theirs);
        const isWanted = (person: string): boolean =>
          base.people.includes(person)
            ? mine.people.includes(person) && theirs.people.includes(person)
            : mine.people.includes(person) || theirs.people.includes(person);
        for (const person of NAMES)
          assert.equal(people.filter((one) => one === person).length, isWanted(person) ? 1 : 0, person);
      }),
    ));
});
