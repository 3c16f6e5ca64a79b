import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { IntegrationSettings } from '@muster/contracts';
import { toApplyChange, toStateStep, type WantedSettings } from './apply-changes.js';

const before = {
  ...{ name: 'A', clientId: 'c', groupId: null, includeGuests: true, consent: 'application' },
  features: { userSync: true, mfaVerification: false },
} as IntegrationSettings;
const wanted: fc.Arbitrary<WantedSettings> = fc.record(
  {
    name: fc.constantFrom('A', 'B'),
    clientId: fc.constantFrom('c', 'd'),
    groupId: fc.constantFrom(null, 'g'),
    includeGuests: fc.boolean(),
    features: fc.record({ userSync: fc.boolean(), mfaVerification: fc.boolean() }, { noNullPrototype: true }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

describe('setup as code', () => {
  it('what is applied is there afterwards, what is left out stays, and the same file again changes nothing', () => {
    fc.assert(
      fc.property(wanted, (file) => {
        const after = { ...before, ...toApplyChange(before, file) };
        for (const [field, value] of Object.entries(file))
          assert.deepEqual(after[field as keyof WantedSettings], value, field);
        assert.deepEqual({ ...after, ...file }, after);
        assert.deepEqual(toApplyChange(after, file), {});
      }),
    );
  });

  it('starts and pauses; what never ran is not paused', () => {
    assert.equal(toStateStep('draft', 'active'), 'start');
    assert.equal(toStateStep('paused', 'active'), 'start');
    assert.equal(toStateStep('active', 'paused'), 'pause');
    assert.equal(toStateStep('draft', 'paused'), null);
    assert.equal(toStateStep('active', 'active'), null);
    assert.equal(toStateStep('active', undefined), null);
  });
});
