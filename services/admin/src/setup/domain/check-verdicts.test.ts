import assert from 'node:assert/strict';
import { toGroupCheck, toPermissionsCheck, toRightVerdicts, toSignInChecks } from './check-verdicts.js';

const both = { userSync: true, mfaVerification: true };
const stateOf = (granted: string[], wanted: Parameters<typeof toRightVerdicts>[1]) =>
  Object.fromEntries(toRightVerdicts(granted, wanted).map(({ permission, state }) => [permission, state]));

describe('check verdicts', () => {
  it('each right that a chosen feature needs is proved or missing, with what it costs', () => {
    const rights = toRightVerdicts(['User.Read.All'], { features: both, groupId: 'g' });
    const missing = rights.filter(({ state, needed }) => needed && state === 'missing');
    assert.deepEqual(
      missing.map(({ permission, feature }) => [permission, feature]),
      [
        ['GroupMember.Read.All', 'userSync'],
        ['AuditLog.Read.All', 'mfaVerification'],
      ],
    );
    assert.ok(rights.every(({ costs }) => costs.length > 0));
  });

  it('a right that includes another one proves it', () => {
    assert.deepEqual(
      stateOf(['Directory.Read.All'], { features: { userSync: true, mfaVerification: false }, groupId: 'g' }),
      {
        'User.Read.All': 'proved',
        'GroupMember.Read.All': 'proved',
        'Group.Read.All': 'proved',
      },
    );
  });

  it('what only makes it better is no failure', () => {
    const granted = ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All'];
    const check = toPermissionsCheck(toRightVerdicts(granted, { features: both, groupId: 'g' }));
    assert.equal(check.ok, true);
  });

  it('without a group nobody has to read group members', () => {
    const check = toPermissionsCheck(
      toRightVerdicts(['User.Read.All', 'AuditLog.Read.All'], { features: both, groupId: null }),
    );
    assert.equal(check.ok, true);
  });

  it('MFA alone, limited to a group, needs to read who is in it', () => {
    const wanted = { features: { userSync: false, mfaVerification: true }, groupId: 'g' };
    const check = toPermissionsCheck(toRightVerdicts(['AuditLog.Read.All'], wanted));
    assert.equal(check.ok, false);
    assert.match(check.detail, /^Missing: GroupMember\.Read\.All\.$/);
  });

  it('a group is gone, empty, or holds so many, nested ones counted', () => {
    assert.equal(toGroupCheck(null).ok, false);
    const facts = { displayName: null, nestedGroups: 0, complete: true };
    assert.equal(toGroupCheck({ ...facts, people: 0 }).ok, false);
    assert.equal(toGroupCheck({ ...facts, people: 1 }).detail, 'The group holds 1 person.');
    const huge = toGroupCheck({ ...facts, people: 4_000, nestedGroups: 2, complete: false });
    assert.deepEqual(
      [huge.ok, huge.detail],
      [true, 'The group holds at least 4000 people, 2 nested group(s) included.'],
    );
  });

  it('a refusal about the secret proves the tenant; another one does not', () => {
    const refusal = { detail: 'No.', cure: 'Do.' };
    const oks = (aadsts: number | null) => toSignInChecks({ ...refusal, aadsts }).map(({ name, ok }) => [name, ok]);
    assert.deepEqual(oks(7_000_222), [
      ['tenant', true],
      ['secret', false],
    ]);
    assert.deepEqual(oks(90_002), [['tenant', false]]);
    assert.deepEqual(
      toSignInChecks(null).map(({ ok }) => ok),
      [true, true],
    );
  });
});
