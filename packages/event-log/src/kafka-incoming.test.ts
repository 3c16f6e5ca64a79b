import assert from 'node:assert/strict';
import type { KafkaMessage } from 'kafkajs';
import { toIncoming } from './kafka-incoming.js';

describe('a message as it came from Kafka', () => {
  it('has a time that is a date, whatever its producer wrote there', () => {
    const message = { key: null, value: null, attributes: 0, offset: '1' };
    for (const timestamp of ['-1', '1767225600000', '9223372036854775807']) {
      const event = toIncoming('changes', 0, { ...message, timestamp } as KafkaMessage);
      assert.doesNotThrow(() => new Date(event.timestamp).toISOString(), timestamp);
    }
  });
});
