import assert from 'node:assert/strict';
import type { IntegrationSettings } from '@muster/contracts';
import { toSettings } from '@muster/test-support';
import { toEditWishes, toStartWishes } from './sync-wishes.js';

const fixed = { integrationId: 'i', tenantId: 't', clientId: 'c', createdAt: '', updatedAt: '' };
const settings = (over: Partial<IntegrationSettings> = {}): IntegrationSettings => toSettings({ ...fixed, ...over });
const types = (wishes: { type: string }[]) => wishes.map(({ type }) => type);

describe('what is read after a start or an edit', () => {
  it('a first start reads what the features need', () => {
    assert.deepEqual(types(toStartWishes(settings({ startedAt: null }))), ['users', 'mfa']);
    const features = { userSync: false, mfaVerification: true };
    assert.deepEqual(types(toStartWishes(settings({ startedAt: null, features }))), ['mfa']);
  });

  it('a later start sweeps, without User Sync it reads the report', () => {
    assert.deepEqual(types(toStartWishes(settings())), ['sweep']);
    const features = { userSync: false, mfaVerification: true };
    assert.deepEqual(types(toStartWishes(settings({ features }))), ['mfa'], 'a sweep would read nothing');
  });

  it('a moved scope reads anew, a new name does not, and nothing is read while it does not run', () => {
    assert.deepEqual(types(toEditWishes(settings(), settings({ groupId: 'g' }))), ['users', 'mfa']);
    assert.deepEqual(types(toEditWishes(settings(), settings({ includeGuests: false }))), ['users', 'mfa']);
    assert.deepEqual(toEditWishes(settings(), settings({ name: 'B' })), []);
    assert.deepEqual(toEditWishes(settings(), settings({ groupId: 'g', state: 'paused' })), []);
  });

  it('a feature that is turned on is read, one that is turned off is not', () => {
    const off = settings({ features: { userSync: true, mfaVerification: false } });
    assert.deepEqual(types(toEditWishes(off, settings())), ['mfa']);
    assert.deepEqual(toEditWishes(settings(), off), []);
  });
});
