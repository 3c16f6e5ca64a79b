import assert from 'node:assert/strict';
import type { SteppedClock } from '../clock.js';
import { createSteppedClock } from '../clock.js';
import type { EntraFault } from './entra-fault.js';
import { issueRefreshToken, readRefreshToken, replaceRefreshToken } from './grants.js';
import { createSignInState } from './state.js';

const DAY = 86_400_000;
const GRANT = {
  ...{ tenantId: 't', userId: 'u', clientId: 'c', scopes: ['openid'], redirectUri: 'https://a.example/' },
  ...{ isSpa: false, signedInAt: 0 },
};

describe('8.2 the life of a refresh token', () => {
  const refused = (clock: SteppedClock, signIn = createSignInState()) => {
    const token = issueRefreshToken({ clock, signIn }, GRANT);
    return { token, read: () => readRefreshToken({ clock, signIn }, { token, clientId: 'c' }), signIn };
  };

  it('is 90 days to the millisecond, and the refusal says so in the words of Entra', () => {
    const clock = createSteppedClock(Date.parse('2026-01-01T00:00:00Z'));
    const { read } = refused(clock);
    clock.advance(90 * DAY - 1);
    assert.equal(read().userId, 'u');
    clock.advance(1);
    assert.throws(read, (fault: EntraFault) => {
      assert.equal(fault.number, 700082);
      assert.match(fault.message, /issued on 2026-01-01T00:00:00\.0000000Z and was inactive for 90\.00:00:00\.$/);
      return true;
    });
  });

  it('begins anew with each use', () => {
    const clock = createSteppedClock(0);
    const { read, signIn } = refused(clock);
    clock.advance(89 * DAY);
    const next = replaceRefreshToken({ clock, signIn }, read(), GRANT.scopes);
    clock.advance(89 * DAY);
    assert.equal(readRefreshToken({ clock, signIn }, { token: next, clientId: 'c' }).issuedAt, 89 * DAY);
  });

  it('is kept as a hash only', () => {
    const { token, signIn } = refused(createSteppedClock(0));
    assert.ok(!JSON.stringify([...signIn.refreshTokens]).includes(token));
  });

  it('is nothing to another app', () => {
    const clock = createSteppedClock(0);
    const { token, signIn } = refused(clock);
    const read = () => readRefreshToken({ clock, signIn }, { token, clientId: 'other' });
    assert.throws(read, (fault: EntraFault) => fault.number === 70000);
  });
});
