import assert from 'node:assert/strict';
import { toAppVerdicts, toGroupVerdict, toPermissionsVerdict, toSignInVerdicts } from './check-verdicts.js';
import { toRightVerdicts } from './rights.js';
import { isReady } from './verdict.js';

const both = { userSync: true, mfaVerification: true };
const permissions = (granted: string[], wanted: Parameters<typeof toRightVerdicts>[1]) =>
  toPermissionsVerdict(toRightVerdicts(granted, wanted));

describe('verdicts of a check', () => {
  it('what only makes it better is no failure', () => {
    const granted = ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All'];
    assert.equal(permissions(granted, { features: both, groupId: 'g' }).state, 'ok');
  });

  it('without a group nobody has to read group members', () => {
    assert.equal(permissions(['User.Read.All', 'AuditLog.Read.All'], { features: both, groupId: null }).state, 'ok');
  });

  it('MFA alone, limited to a group, needs to read who is in it', () => {
    const wanted = { features: { userSync: false, mfaVerification: true }, groupId: 'g' };
    const verdict = permissions(['AuditLog.Read.All'], wanted);
    assert.deepEqual([verdict.state, verdict.action], ['problem', 'consent']);
    assert.match(verdict.text, /^Missing: GroupMember\.Read\.All\.$/);
  });

  it('a group is gone, empty, or holds so many; nested ones, guests and disabled people are told', () => {
    assert.equal(toGroupVerdict(null).state, 'problem');
    const facts = { displayName: null, people: 0, guests: 0, disabled: 0, nestedGroups: 0, complete: true };
    assert.equal(toGroupVerdict(facts).state, 'problem');
    assert.equal(toGroupVerdict({ ...facts, people: 1 }).text, 'The group holds 1 person.');
    const huge = { displayName: 'Sales', people: 4_000, nestedGroups: 2, guests: 1, disabled: 7, complete: false };
    const { state, text } = toGroupVerdict(huge);
    assert.equal(state, 'ok');
    assert.equal(text, '“Sales” holds at least 4,000 people, 2 nested groups included; 1 guest, 7 disabled.');
  });

  it('a refusal about the secret proves tenant and app, one about the app proves the tenant', () => {
    const refusal = { text: 'No.', cure: 'Do.', action: 'check-again' } as const;
    const states = (aadsts: number | null) =>
      toSignInVerdicts({ ...refusal, aadsts }, 'clientSecret').map(({ field, state }) => `${field} ${state}`);
    assert.deepEqual(states(7_000_222), ['tenantId ok', 'clientId ok', 'clientSecret problem']);
    assert.deepEqual(states(700_016), ['tenantId ok', 'clientId problem']);
    assert.deepEqual(states(90_002), ['tenantId problem']);
    assert.deepEqual(states(53_003), ['tenantId ok', 'clientId problem']);
    assert.deepEqual(states(null), ['tenantId ok', 'clientId unknown']);
    assert.ok(isReady(toSignInVerdicts(null, 'certificate')));
  });

  it('before there is a secret, "wrong secret" proves that the tenant knows the app', () => {
    const refusal = { text: 'No.', cure: 'Do.', action: 'check-again', aadsts: 7_000_215 } as const;
    const verdicts = toAppVerdicts(refusal);
    assert.deepEqual(
      verdicts.map(({ field, state }) => `${field} ${state}`),
      ['tenantId ok', 'clientId ok', 'clientSecret unknown'],
    );
    assert.ok(!isReady(verdicts));
  });
});
