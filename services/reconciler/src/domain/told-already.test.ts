import assert from 'node:assert/strict';
import { USER_PROPERTIES, type UserDocument, type UserFacts } from '@muster/contracts';
import { toMfaRow, toUser, toUserDocument } from '@muster/test-support';
import fc from 'fast-check';
import { kindOfDrift } from './loss-meter.js';
import { isPersonTold, isRowTold } from './told-already.js';

const at = '2026-03-01T08:00:00.000Z';
const group = { groupId: 'g', createdAt: '2025-01-01T00:00:00.000Z' };
const groupPath = ['g', 'nested'];
const user = toUser({ userId: 'u', displayName: 'Ann', accountEnabled: true });
const { userId: _userId, ...properties } = user;
const document = toUserDocument({ userId: 'u', ...properties, groupPath });
const membership: NonNullable<UserFacts['membership']> = {
  ...{ groupId: group.groupId, observedAt: at, inGroup: true },
  path: { observedAt: at, groupPath },
};
const facts: UserFacts = { userObservedAt: at, membership };
const seen = { user, membership: { inGroup: true, groupPath } };

describe('who need not be told', () => {
  it('is somebody whose document says all of it', () => {
    assert.equal(isPersonTold({ document, facts }, seen, group), true);
    const disabled = { ...document, accountEnabled: false, status: 'disabled' as const, ssoEnabled: false };
    const row = { ...seen, user: { ...user, accountEnabled: false } };
    assert.equal(isPersonTold({ document: disabled, facts }, row, group), true);
  });

  it('is, without a group, everyone whose document says so', () => {
    const everyone = { document: { ...document, groupPath: [] }, facts: { userObservedAt: at, membership: null } };
    const row = { user, membership: { inGroup: true, groupPath: [] } };
    assert.equal(isPersonTold(everyone, row, { ...group, groupId: null }), true);
    assert.equal(isPersonTold(everyone, row, group), false, 'the membership of a group that was chosen since');
  });

  const different: [string, Partial<UserDocument>][] = [
    ['out of scope', { status: 'out-of-scope', ssoEnabled: false, inGroup: false, groupPath: [] }],
    ['deleted', { status: 'deleted', ssoEnabled: false, inGroup: false, groupPath: [] }],
    ['disabled', { status: 'disabled', ssoEnabled: false }],
    ['active without sign-in', { ssoEnabled: false }],
    ['in by another way', { groupPath: ['g'] }],
    ['in by a way that nobody told', { groupPath: [] }],
  ];
  for (const [what, fields] of different)
    it(`is nobody whose document says ${what}`, () =>
      assert.equal(isPersonTold({ document: { ...document, ...fields }, facts }, seen, group), false));

  it('is nobody of whom what is kept beside the document says otherwise, or is not there', () => {
    const kept: (UserFacts | null)[] = [
      null,
      { ...facts, membership: null },
      { ...facts, membership: { ...membership, groupId: 'before' } },
      { ...facts, membership: { ...membership, inGroup: false } },
      { ...facts, purgedAt: at },
    ];
    const later = { ...group, createdAt: '2099-01-01T00:00:00.000Z' };
    assert.equal(isPersonTold({ document, facts }, seen, later), false, 'of an integration that was removed');
    for (const one of kept) assert.equal(isPersonTold({ document, facts: one }, seen, group), false);
    assert.equal(isPersonTold(undefined, seen, group), false);
  });

  it('never is somebody whom the drift counts, whichever property differs', () => {
    const values = fc.record(
      Object.fromEntries(USER_PROPERTIES.map((name) => [name, fc.constantFrom(null, user[name], 'other')])),
    );
    fc.assert(
      fc.property(values, (changed) => {
        const row = { ...user, ...changed };
        const isTold = isPersonTold({ document, facts }, { ...seen, user: row }, group);
        const isDrift = kindOfDrift({ userId: 'u', user: row }, { document }) !== null;
        assert.equal(isTold, !isDrift);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a row of the report that need not be told', () => {
  const row = toMfaRow('u', {
    isMfaRegistered: true,
    isMfaCapable: true,
    methodsRegistered: ['softwareOneTimePasscode'],
  });
  const kept = {
    ...row,
    ...{ tenantId: 't', state: 'capable' as const, revision: 1, observedAt: at, changedAt: at, stale: false },
  };

  it('is one that the document has, whatever the date of the report', () => {
    assert.equal(isRowTold(kept, { ...row, reportedAt: '2026-03-02T00:00:00.000Z' }), true);
  });

  it('is none that differs, or that is there again, or that nobody knows', () => {
    assert.equal(isRowTold(kept, { ...row, methodsRegistered: [] }), false);
    assert.equal(isRowTold(kept, { ...row, isMfaCapable: false }), false);
    assert.equal(isRowTold({ ...kept, stale: true }, row), false);
    assert.equal(isRowTold({ ...kept, state: 'not-registered' }, row), false, 'by another rule');
    assert.equal(isRowTold(undefined, row), false);
  });
});
