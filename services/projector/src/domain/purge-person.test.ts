import assert from 'node:assert/strict';
import type { DirectoryUser } from '@muster/contracts';
import { projectUser, type KnownUser, type SeenUser } from './project-user.js';
import { isLeft, purgeUser } from './purge-person.js';
import type { Scope } from './scope.js';

const DAY_MS = 86_400_000;
const userId = '20000000-0000-4000-8000-000000000000';
const groupId = '30000000-0000-4000-8000-000000000000';
const scope: Scope = {
  tenantId: '10000000-0000-4000-8000-000000000000',
  groupId,
  includeGuests: true,
  features: { userSync: true, mfaVerification: true },
  createdAt: '2025-01-01T00:00:00.000Z',
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

  it('puts out whoever is in, once nobody serves the tenant any more, until somebody does', () => {
    const known = see(null, 0, { user: anna, membership: membership(true) });
    const purged = purgeUser(known, { before: day(970), now: day(1_000), left: true });
    assert.ok(purged);
    const { status, ssoEnabled, inGroup, groupPath, displayName, revision } = purged.document;
    assert.deepEqual([status, ssoEnabled, inGroup, groupPath], ['out-of-scope', false, false, []]);
    assert.deepEqual([displayName, revision, purged.change], [null, known.document.revision + 1, 'left-scope']);
    assert.ok(purged.changed.includes('ssoEnabled') && purged.changed.includes('displayName'));
    assert.equal(purgeUser(purged, { before: day(970), now: day(1_000), left: true }), null);
    const back = see(purged, 1_001, { user: anna, membership: membership(true) });
    assert.deepEqual([back.document.displayName, back.document.ssoEnabled], ['Anna', true]);
    assert.equal(back.facts?.purgedAt, undefined);
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

describe('isLeft', () => {
  const tenantId = scope.tenantId;
  const one = (state: 'active' | 'paused' | 'draft' | 'removed', days: number, of = tenantId) => ({
    ...{ tenantId: of, state, startedAt: state === 'draft' ? null : day(0).toISOString() },
    updatedAt: day(days).toISOString(),
  });
  const cases: [string, ReturnType<typeof one>[], boolean][] = [
    ['one that was removed long ago', [one('removed', 1)], true],
    ['one that was removed of late', [one('removed', 31)], false],
    ['one that is paused, however long', [one('paused', 1)], false],
    ['a new one of the same tenant', [one('removed', 1), one('active', 2)], false],
    ['a draft of late beside it', [one('removed', 1), one('draft', 31)], false],
    ['a draft that nobody started for long', [one('removed', 1), one('draft', 2)], true],
    ['two that were removed, one of late', [one('removed', 1), one('removed', 31)], false],
    ['a new one of another tenant', [one('removed', 1), one('active', 2, groupId)], true],
  ];
  for (const [what, integrations, expected] of cases)
    it(`${expected ? 'holds' : 'does not hold'} with ${what}`, () => {
      assert.equal(isLeft(integrations, { tenantId, before: day(30) }), expected);
    });
});
