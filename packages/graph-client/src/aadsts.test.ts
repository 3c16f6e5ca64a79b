import assert from 'node:assert/strict';
import { SETUP_ACTIONS } from '@muster/contracts';
import { SIGN_IN, explainAadsts, isTransientAadsts } from './aadsts.js';

describe('explainAadsts', () => {
  it('has one sentence, one cure and one button for every number that the contract names', () => {
    const numbers = [
      7000215, 7000222, 700016, 7000229, 90002, 900023, 65001, 90094, 90095, 65004, 650056, 650057, 500011, 50020,
      53003, 700082, 70008, 70043, 54005, 7000112, 90033, 90024, 90090,
    ];
    for (const number of numbers) {
      const { sentence, cure, action } = explainAadsts(number);
      assert.doesNotMatch(sentence, /AADSTS/, String(number));
      assert.match(sentence, /^[^.]+\.$/, `${number}: one sentence`);
      assert.ok(cure.endsWith('.') && action in SETUP_ACTIONS, String(number));
    }
  });

  it('has words of its own for every number that only a sign-in mends, and never asks to check again', () => {
    for (const number of SIGN_IN) {
      const { sentence, action } = explainAadsts(number);
      assert.doesNotMatch(sentence, /AADSTS/, String(number));
      assert.notEqual(action, 'check-again', String(number));
    }
  });

  it('names an unknown number, so that it can be looked up', () => {
    assert.match(explainAadsts(1234567).sentence, /AADSTS1234567/);
  });

  it('asks to try again for passing faults only', () => {
    assert.ok(isTransientAadsts(90033));
    assert.ok(!isTransientAadsts(7000215));
  });
});
