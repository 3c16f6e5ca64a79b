import assert from 'node:assert/strict';
import { deadLetter, Failure, isFailure, lifecycleEvent } from '@muster/contracts';
import { decodeEvent, toDeadLetter, toDeadLetterKey } from './decode.js';
import type { IncomingEvent } from './event-log.js';

const GUID = '11111111-2222-3333-4444-555555555555';
const event = {
  version: 1,
  integrationId: GUID,
  tenantId: GUID,
  subscriptionId: GUID,
  lifecycleEvent: 'missed',
  receivedAt: '2026-11-23T10:00:00.000Z',
};
const toFailure = (value: Buffer | null): Failure => {
  const decoded = decodeEvent(lifecycleEvent, value);
  assert.ok(isFailure(decoded));
  return decoded;
};
const incoming: IncomingEvent = {
  topic: 'lifecycle',
  partition: 0,
  offset: '9007199254740993',
  key: 'k',
  value: Buffer.from([0xff, 0x00]),
  timestamp: 0,
};

describe('decodeEvent', () => {
  it('gives the parsed event', () => {
    assert.deepEqual(decodeEvent(lifecycleEvent, Buffer.from(JSON.stringify(event))), event);
  });

  it('gives a failure that never helps to retry and names the field', () => {
    const failure = toFailure(Buffer.from(JSON.stringify({ ...event, tenantId: 'x' })));
    assert.equal(failure.retryable, false);
    assert.equal(failure.code, 'event.unreadable');
    assert.match(failure.message, /^tenantId is not a GUID/);
    assert.equal(
      toFailure(Buffer.from(JSON.stringify({ ...event, tenantId: undefined }))).message,
      'tenantId is missing',
    );
  });

  it('says so of a tombstone and of what is not JSON', () => {
    assert.match(toFailure(null).message, /tombstone/);
    assert.match(toFailure(Buffer.from('{')).message, /not JSON/);
  });
});

describe('toDeadLetter', () => {
  it('keeps the origin, the reason and every byte, in the shape of the contract', () => {
    const failure = new Failure('event.unreadable', 'is not JSON', { retryable: false });
    const letter = toDeadLetter(incoming, failure, new Date(0));
    assert.deepEqual(deadLetter.parse(letter), letter);
    assert.deepEqual(Buffer.from(letter.value ?? '', 'base64'), incoming.value);
    assert.deepEqual(letter.origin, { topic: 'graph.lifecycle', partition: 0, offset: '9007199254740993', key: 'k' });
    assert.equal(letter.at, '1970-01-01T00:00:00.000Z');
  });

  it('goes under the key of its origin, or its place', () => {
    assert.equal(toDeadLetterKey(incoming), 'k');
    assert.equal(toDeadLetterKey({ ...incoming, key: null }), 'lifecycle/0/9007199254740993');
  });
});
