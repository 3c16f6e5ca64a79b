import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readSignInReturn } from './read-sign-in-return.js';

const TENANT = '11111111-1111-4111-8111-111111111111';

describe('readSignInReturn', () => {
  it('reads a code, and the consent of an admin', () => {
    assert.deepEqual(readSignInReturn({ code: 'c', state: 's', session_state: 'x' }), {
      kind: 'code',
      state: 's',
      code: 'c',
    });
    assert.deepEqual(readSignInReturn({ admin_consent: 'True', tenant: TENANT, state: 's' }), {
      kind: 'admin-consent',
      state: 's',
      tenantId: TENANT,
    });
  });

  const refusals: [object, number | null][] = [
    [{ error: 'access_denied', error_description: 'AADSTS65004: User declined to consent.' }, 65_004],
    [{ error: 'permission_denied' }, 65_004],
    [{ error: 'access_denied', error_description: 'AADSTS90094: Admin consent is required.' }, 90_094],
    [{ error: 'interaction_required' }, null],
  ];
  for (const [query, aadsts] of refusals)
    it(`tells ${JSON.stringify(query)} as ${String(aadsts)}, in our own words`, () => {
      const read = readSignInReturn({ state: 's', ...query });
      assert.ok(read?.kind === 'refused');
      assert.deepEqual([read.state, read.failure.code, read.failure.details.aadsts], ['s', 'token.refused', aadsts]);
    });

  it('believes an error before a code, and never repeats what the address says', () => {
    const read = readSignInReturn({
      code: 'c',
      state: 's',
      error: 'x',
      error_description: '<script>alert(1)</script>',
    });
    assert.ok(read?.kind === 'refused');
    assert.doesNotMatch(read.failure.message, /script/);
  });

  it('takes anything else for no return, and never throws', () => {
    assert.equal(readSignInReturn({ state: 's' }), null);
    assert.equal(readSignInReturn({ admin_consent: 'True', tenant: 'x' }), null);
    fc.assert(
      fc.property(fc.anything(), (query) => {
        const read = readSignInReturn(query);
        assert.ok(read === null || read.state.length <= 2_048);
      }),
    );
  });
});
