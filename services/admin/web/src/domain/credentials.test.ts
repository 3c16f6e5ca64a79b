import assert from 'node:assert/strict';
import { isSameCredentials, type Credential, type Credentials } from './credentials.js';

const secret: Credential = {
  ...{ slot: 'a', hint: 'wxyz', expiresAt: '2027-01-01T00:00:00.000Z', addedAt: '2026-01-01T00:00:00.000Z' },
  ...{ daysLeft: 300, inUse: true, warning: null },
};
const beside: Credential = { ...secret, slot: 'b', hint: 'abcd', inUse: false };
const kept: Credentials = { items: [secret, beside], freeSlot: 'b', revision: 4 };

describe('the secrets that somebody saw before typing', () => {
  it('are the same while only the rest of the integration is saved, or a day passes', () => {
    const later = { ...kept, revision: 9, items: [beside, { ...secret, daysLeft: 299 }] };
    assert.equal(isSameCredentials(kept, later), true);
  });

  it('are others once one is entered, replaced, removed or switched to', () => {
    const others: Credential[][] = [
      [secret],
      [secret, { ...beside, hint: 'efgh' }],
      [secret, { ...beside, addedAt: '2026-02-01T00:00:00.000Z' }],
      [secret, beside, { ...beside, slot: 'certificate' }],
      [
        { ...secret, inUse: false },
        { ...beside, inUse: true },
      ],
    ];
    for (const items of others) assert.equal(isSameCredentials(kept, { ...kept, items }), false);
  });
});
