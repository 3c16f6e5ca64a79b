import assert from 'node:assert/strict';
import { Failure } from '@muster/contracts';
import { explainFailure, explainRefusal, isKnownRefusal, toRefusalCode } from './explain-failure.js';

const refused = (details: Failure['details']): Failure =>
  new Failure('token.refused', 'no', { retryable: false, details });

describe('explainFailure', () => {
  it('a consent that was taken back is told in one sentence, with “Sign in and consent”', () => {
    // 50132: the sessions were revoked; 700084: the refresh token has come to its end.
    for (const aadsts of [50132, 700084, null]) {
      const { text, cure, action } = explainFailure(refused({ aadsts, signInAgain: true }));
      assert.equal(action, 'consent', `${aadsts}: ${text}`);
      assert.match(text, /^[^.]+\.$/, String(aadsts));
      assert.doesNotMatch(cure, /client secret/i, String(aadsts));
    }
  });

  it('what only a number tells keeps its number', () => {
    const { aadsts, action } = explainFailure(refused({ aadsts: 7000222, signInAgain: false }));
    assert.deepEqual([aadsts, action], [7000222, 'enter-secret']);
  });

  it('what is wrong on this side is not put on Microsoft: one sentence says what it is', () => {
    for (const [code, message, told] of [
      ['seal.unknown-key', 'sealed; add that key again', /^The secret .* sealed with a key that MUSTER_KEYS no longer/],
      ['seal.broken', 'a sealed secret was changed; enter it again', /^The secret .* cannot be opened/],
      ['store.refused', 'MongoDB refused a command: too large', /^MongoDB refused a command: too large\.$/],
    ] as const) {
      const failure = new Failure(code, message, { retryable: false });
      assert.match(explainFailure(failure).text, told, code);
      assert.match(explainFailure(failure).text, /^[A-Z][^.;]+\.$/, 'one sentence, and the cure apart from it');
      const { text, cure } = explainRefusal(toRefusalCode(failure));
      assert.doesNotMatch(`${text} ${cure}`, /Microsoft/, 'nor where only the code is known');
      assert.equal(isKnownRefusal(code), true);
    }
  });

  it('what is no failure of ours goes on upwards', () => {
    assert.throws(() => explainFailure(new TypeError('a bug')), TypeError);
  });
});
