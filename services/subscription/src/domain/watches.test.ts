import assert from 'node:assert/strict';
import { integrationState } from '@muster/contracts';
import fc from 'fast-check';
import { NESTED_LIMIT, toWatches } from './watches.js';

const groupId = '33333333-3333-4333-8333-333333333333';
const both = { userSync: true, mfaVerification: true };

describe('what an integration watches', () => {
  it('is all users once and the chosen group', () => {
    assert.deepEqual(toWatches({ state: 'active', features: both, groupId }), [
      { entity: 'user', resource: '/users' },
      { entity: 'group', resource: `/groups/${groupId}` },
    ]);
  });

  it('is the groups nested in the chosen one too, within what Graph allows an app in a tenant', () => {
    const nested = Array.from(
      { length: 150 },
      (_, index) => `44444444-4444-4444-8444-${String(index).padStart(12, '0')}`,
    );
    const resources = toWatches({ state: 'active', features: both, groupId }, nested).map(({ resource }) => resource);
    assert.deepEqual(resources.slice(0, 3), ['/users', `/groups/${groupId}`, `/groups/${nested[0]}`]);
    assert.equal(resources.length, 2 + NESTED_LIMIT);
    assert.deepEqual(toWatches({ state: 'active', features: both, groupId: null }, nested).length, 1);
  });

  it('is no group where none is chosen, and no users without user sync', () => {
    assert.deepEqual(toWatches({ state: 'active', features: both, groupId: null }), [
      { entity: 'user', resource: '/users' },
    ]);
    const mfaOnly = { userSync: false, mfaVerification: true };
    assert.deepEqual(toWatches({ state: 'active', features: mfaOnly, groupId: null }), []);
    assert.deepEqual(toWatches({ state: 'active', features: mfaOnly, groupId }), [], 'nobody takes them in');
  });

  it('is the same while paused, and nothing before the start and after the removal', () => {
    const state = fc.constantFrom(...integrationState.options);
    const features = fc.record({ userSync: fc.boolean(), mfaVerification: fc.boolean() });
    fc.assert(
      fc.property(state, features, fc.option(fc.uuid()), (now, wants, group) => {
        const watches = toWatches({ state: now, features: wants, groupId: group });
        const runs = now === 'active' || now === 'paused';
        const active = toWatches({ state: 'active', features: wants, groupId: group });
        assert.deepEqual(watches, runs ? active : []);
        assert.equal(new Set(watches.map(({ resource }) => resource)).size, watches.length);
      }),
    );
  });
});
