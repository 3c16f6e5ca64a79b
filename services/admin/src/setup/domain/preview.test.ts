import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DirectoryUser } from '@muster/contracts';
import { createScopeCount, isInReport, toPreviewNotes } from './preview.js';

const person = (userId: string, over: Partial<DirectoryUser> = {}): DirectoryUser => ({
  ...{ userId, userPrincipalName: `${userId}@x`, displayName: userId, givenName: null, surname: null, mail: null },
  ...{ jobTitle: null, department: null, accountEnabled: true, userType: 'Member', ...over },
});
const ids = fc.uniqueArray(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 40 });

describe('preview of a scope', () => {
  it('who gains and who loses are the two differences, whatever the order, each counted once', () => {
    fc.assert(
      fc.property(ids, ids, fc.nat(), (current, next, turn) => {
        const count = createScopeCount(new Set(current), { groupId: null, includeGuests: true });
        const at = next.length === 0 ? 0 : turn % next.length;
        // Pages may repeat a person.
        for (const id of [...next.slice(at), ...next.slice(0, at), ...next.slice(0, 3)]) count.add(person(id));
        const { inScope, gain, lose } = count.result();
        assert.equal(inScope, next.length);
        assert.equal(gain.count, next.filter((id) => !current.includes(id)).length);
        assert.equal(lose.count, current.filter((id) => !next.includes(id)).length);
        assert.ok(
          gain.sample.length === Math.min(20, gain.count) && lose.sampleIds.length === Math.min(20, lose.count),
        );
        assert.ok(lose.sampleIds.every((id) => current.includes(id) && !next.includes(id)));
      }),
    );
  });

  it('guests that are not wanted neither gain nor stay', () => {
    const count = createScopeCount(new Set(['guest', 'anna']), { groupId: null, includeGuests: false });
    count.add(person('guest', { userType: 'Guest' }));
    count.add(person('other', { userType: 'guest' }));
    count.add(person('anna', { accountEnabled: false }));
    const { inScope, guests, disabled, gain, lose } = count.result();
    assert.deepEqual([inScope, guests, disabled, gain.count, lose.sampleIds], [1, 0, 1, 0, ['guest']]);
  });

  it('guests who are in the chosen group stay, whatever is said of guests', () => {
    const wanted = { groupId: 'g', includeGuests: false };
    const count = createScopeCount(new Set(['guest']), wanted);
    count.add(person('guest', { userType: 'Guest' }));
    const { inScope, lose } = count.result();
    assert.deepEqual([inScope, lose.count], [1, 0]);
    const both = { ...wanted, features: { userSync: true, mfaVerification: true } };
    assert.deepEqual(toPreviewNotes(both, both, { firstSync: false }), []);
  });

  it('without user sync nobody comes in, and no group says who may enter', () => {
    const both = { features: { userSync: true, mfaVerification: true }, groupId: null, includeGuests: false };
    const mfaAlone = { ...both, features: { userSync: false, mfaVerification: true } };
    const notes = toPreviewNotes(both, mfaAlone, { firstSync: true });
    assert.match(notes.join(' '), /whom Microsoft’s report names.*no longer kept up to date, and nobody signs in/);
    assert.doesNotMatch(notes.join(' '), /would be added|everyone of the tenant|Guests/);
    const ofGroup = toPreviewNotes(mfaAlone, { ...mfaAlone, groupId: 'g' }, { firstSync: true });
    assert.deepEqual(ofGroup, [
      'MFA verification alone covers the people of the group, as far as Microsoft’s report names them. Signing in needs User Sync.',
    ]);
  });

  it('the report has no disabled people, who are then no gain of it', () => {
    const people = [person('a'), person('b', { accountEnabled: false }), person('c', { accountEnabled: null })];
    assert.deepEqual(
      people.filter(isInReport).map(({ userId }) => userId),
      ['a', 'c'],
    );
  });

  it('says in words what else it means', () => {
    const wanted = { features: { userSync: true, mfaVerification: false }, groupId: null, includeGuests: false };
    const notes = toPreviewNotes({ ...wanted, features: { userSync: true, mfaVerification: true } }, wanted, {
      firstSync: true,
    }).join(' ');
    for (const words of [/Nothing was synced/, /everyone of the tenant/, /Guests stay outside/, /turned off/])
      assert.match(notes, words);
  });
});
