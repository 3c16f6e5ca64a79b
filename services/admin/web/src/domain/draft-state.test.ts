import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  changeDraft,
  isOutdated,
  isSameAdmins,
  mergeAdmins,
  settleAdmins,
  settleDraft,
  toAdmins,
  type AdminsDraft,
} from './draft-state.js';

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

describe('a draft that is saved', () => {
  it('keeps what was typed while it was on its way, and what this step does not save', () => {
    const sent = { name: 'Contoso', clientSecret: 's3cret' };
    const typed = { revision: 3, changes: { ...sent, name: 'Contoso Ltd', groupId: 'g' } };
    const left = settleDraft(typed, sent, 4);
    assert.deepEqual(left, { revision: 4, changes: { name: 'Contoso Ltd', groupId: 'g' } });
    assert.equal(isOutdated(left, 4), false, 'one’s own save is nobody else’s');
  });

  it('is gone when all of it was saved', () => {
    assert.equal(settleDraft({ revision: 3, changes: { name: 'C' } }, { name: 'C', consent: 'delegated' }, 4), null);
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

  it('who was taken off while the own save was on its way stays taken off, whatever others add then', () =>
    fc.assert(
      fc.property(admins, admins, admins, (before, saved, next) => {
        const draft: AdminsDraft = { people: next.people, groupId: next.groupId ?? '', base: before };
        const left = settleAdmins(draft, saved);
        if (left === null) {
          assert.ok(isSameAdmins(next, saved));
          return;
        }
        assert.ok(isSameAdmins(toAdmins(left), next) && isSameAdmins(left.base, saved));
        const theirs = { ...saved, people: [...saved.people, 'zoe'] };
        const merged = mergeAdmins(left.base, toAdmins(left), theirs);
        assert.ok(isSameAdmins(merged, { ...next, people: [...next.people, 'zoe'] }));
      }),
    ));
});
