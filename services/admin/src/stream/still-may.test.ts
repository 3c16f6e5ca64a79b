import assert from 'node:assert/strict';
import type { Principal } from '../keys/principal.js';
import { createStillMay } from './still-may.js';

const rest = { actor: 'person t/u', scopes: [], sessionHash: 's', keyHash: null, person: null };
const admin: Principal = { role: 'tenant-admin', integrationId: 'a', ...rest };

describe('whether a stream may stay open', () => {
  const withSession = (found: Principal | null) =>
    createStillMay({ bySession: () => Promise.resolve(found), byKey: () => Promise.resolve(null) });

  it('while the session has the same role for the same integration, and no longer', async () => {
    assert.equal(await withSession(admin)(admin), true);
    assert.equal(await withSession({ ...admin, role: 'member' })(admin), false, 'administers no more');
    assert.equal(await withSession({ ...admin, integrationId: 'b' })(admin), false);
    assert.equal(await withSession({ role: 'operator', integrationId: null, ...rest })(admin), false);
    assert.equal(await withSession(null)(admin), false);
  });

  it('by the key where there is no session', async () => {
    const byKey = { ...admin, sessionHash: null, keyHash: 'k' };
    const stillMay = createStillMay({
      bySession: () => Promise.resolve(admin),
      byKey: (hash) => Promise.resolve(hash === 'k' ? byKey : null),
    });
    assert.equal(await stillMay(byKey), true);
    assert.equal(await stillMay({ ...byKey, keyHash: 'other' }), false);
    assert.equal(await stillMay({ ...byKey, keyHash: null }), false);
  });
});
