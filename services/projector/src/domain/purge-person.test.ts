import assert from 'node:assert/strict';
import type { DirectoryUser } from '@muster/contracts';
import { projectUser, type KnownUser, type SeenUser } from './project-user.js';
import { purgeUser } from './purge-person.js';
import type { Scope } from './scope.js';

const DAY_MS = 86_400_000;
const userId = '20000000-0000-4000-8000-000000000000';
const groupId = '30000000-0000-4000-8000-000000000000';
const scope: Scope = {
  tenantId: '10000000-0000-4000-8000-000000000000',
  groupId,
  includeGuests: true,
  features: { userSync: true, mfaVerification: true },
};
const day = (days: number): Date => new Date(Date.UTC(2026, 0, 1) + days * DAY_MS);
const anna: DirectoryUser = {
  userId,
  userPrincipalName: 'anna@example.com',
  displayName: 'Anna',
  givenName: 'Anna',
  surname: 'Abel',
  mail: 'anna@example.com',
  jobTitle: null,
  department: 'Sales',
  accountEnabled: true,
  userType: 'Member',
};
const membership = (inGroup: boolean) => ({ groupId, inGroup, groupPath: inGroup ? [groupId] : [] });

function see(known: KnownUser | null, days: number, sight: Pick<SeenUser, 'user' | 'membership'>): KnownUser {
  const seen: SeenUser = { userId, observedAt: day(days).toISOString(), source: 'delta', ...sight };
  const verdict = projectUser({ known, seen: [seen], scope, now: day(days) });
  if (verdict.kind === 'write') return { document: verdict.document, facts: verdict.facts };
  if (verdict.kind === 'touch' && known)
    return { document: { ...known.document, observedAt: verdict.observedAt }, facts: verdict.facts };
  throw new Error(`nothing became of it: ${verdict.kind}`);
}
const purge = (known: KnownUser, days: number) => purgeUser(known, { before: day(days - 30), now: day(days) });
const left = () =>
  see(see(null, 0, { user: anna, membership: membership(true) }), 1, { membership: membership(false) });

describe('purgeUser', () => {
  it('keeps ids only of who is gone or out for 30 days, as one change more', () => {
    const gone = see(see(null, 0, { user: anna, membership: membership(true) }), 1, { user: null });
    for (const known of [left(), gone]) {
      assert.equal(purge(known, 30), null, '29 days are not enough');
      const purged = purge(known, 31);
      assert.equal(purged?.document.revision, known.document.revision + 1);
      assert.equal(purged.document.status, known.document.status);
      const { userPrincipalName, displayName, mail, surname, department } = purged.document;
      assert.deepEqual([userPrincipalName, displayName, mail, surname, department], Array(5).fill(null));
      assert.ok(purged.changed.includes('displayName'));
      assert.equal(purge(purged, 100), null, 'a second time there is nothing to forget');
    }
  });

  it('leaves who is in scope alone, however long nothing changed', () => {
    assert.equal(purge(see(null, 0, { user: anna, membership: membership(true) }), 1_000), null);
  });

  it('is not undone by a read of somebody who is still out, and ends when the person is in scope again', () => {
    const purged = purge(left(), 31);
    assert.ok(purged);
    const still = see(purged, 32, { user: anna, membership: membership(false) });
    assert.deepEqual([still.document.displayName, still.document.revision], [null, purged.document.revision]);
    const back = see(still, 33, { user: anna, membership: membership(true) });
    assert.deepEqual([back.document.displayName, back.document.status], ['Anna', 'active']);
    assert.equal(back.facts?.purgedAt, undefined);
  });
});
