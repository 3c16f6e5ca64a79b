import assert from 'node:assert/strict';
import { decodeEvent } from './decode-event.js';

const toReason = (topic: 'notifications' | 'observations', value: object | string | null): unknown => {
  const text = typeof value === 'string' || value === null ? value : JSON.stringify(value);
  const bytes = text === null ? null : Buffer.from(text);
  const decoded = decodeEvent({ topic, partition: 0, offset: '1', key: 'k', value: bytes, timestamp: 0 });
  return decoded.kind === 'poison' ? decoded.reason : decoded;
};

describe('the reason of a dead letter', () => {
  it('names the field and its problem in words', () => {
    const malformed = (message: string) => ({ code: 'event.malformed', message });
    assert.deepEqual(toReason('notifications', { version: 1 }), malformed('integrationId is missing'));
    assert.deepEqual(
      toReason('observations', { version: 1, type: 'person' }),
      malformed('type is not one of user, membership, group, mfa, snapshot-end'),
    );
  });

  it('says what is no event at all', () => {
    assert.deepEqual(toReason('notifications', null), { code: 'event.empty', message: 'has no value' });
    assert.deepEqual(toReason('notifications', 'nonsense'), { code: 'event.not-json', message: 'is not JSON' });
    assert.deepEqual(toReason('notifications', { version: 2 }), {
      code: 'event.unknown-version',
      message: 'has a version that this build does not know',
    });
  });
});
