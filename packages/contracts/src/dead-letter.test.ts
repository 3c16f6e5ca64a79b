import assert from 'node:assert/strict';
import { toDeadValue } from './dead-letter.js';

describe('the message in a dead letter', () => {
  it('is whole, and a tombstone stays one', () => {
    assert.deepEqual(toDeadValue(Buffer.from('{"a":1}')), { value: Buffer.from('{"a":1}').toString('base64') });
    assert.deepEqual(toDeadValue(null), { value: null });
  });

  it('is cut where it could not be published, however large Kafka took it, and says so', () => {
    const { value, cutFrom } = toDeadValue(Buffer.alloc(1_048_576, 'x'));
    assert.equal(cutFrom, 1_048_576);
    assert.ok(value!.length < 900_000);
  });
});
