import assert from 'node:assert/strict';
import { toRightVerdicts } from './rights.js';

const both = { userSync: true, mfaVerification: true };
const stateOf = (granted: string[], wanted: Parameters<typeof toRightVerdicts>[1]) =>
  Object.fromEntries(toRightVerdicts(granted, wanted).map(({ permission, state }) => [permission, state]));

describe('rights', () => {
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
});
