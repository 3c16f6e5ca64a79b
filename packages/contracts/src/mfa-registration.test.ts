import assert from 'node:assert/strict';
import { toMfaState, type MfaRegistration } from './mfa-registration.js';

const row = (isMfaRegistered: boolean, isMfaCapable: boolean) => ({ isMfaRegistered, isMfaCapable }) as MfaRegistration;

describe('toMfaState', () => {
  it('is unknown without a row, never "no MFA"', () => assert.equal(toMfaState(null), 'unknown'));
  it('is capable when a registered method is allowed by policy', () =>
    assert.equal(toMfaState(row(true, true)), 'capable'));
  it('is registered when no registered method is allowed', () =>
    assert.equal(toMfaState(row(true, false)), 'registered'));
  it('is no "no" when the row is stale; what it said of a registration stays', () => {
    assert.equal(toMfaState(row(false, false), { stale: true }), 'unknown');
    assert.equal(toMfaState(row(true, false), { stale: true }), 'registered');
    assert.equal(toMfaState(row(true, true), { stale: true }), 'capable');
  });
  it('is not-registered when the report says so', () => assert.equal(toMfaState(row(false, false)), 'not-registered'));
});
