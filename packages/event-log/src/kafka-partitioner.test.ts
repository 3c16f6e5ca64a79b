import assert from 'node:assert/strict';
import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { createPartitioner } from './kafka-partitioner.js';

const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({
  partitionErrorCode: 0,
  partitionId,
  leader: 1,
  replicas: [1],
  isr: [1],
}));
const ours = createPartitioner();
const theirs = kafkajs.Partitioners.DefaultPartitioner();
const of = (partition: typeof ours, key: string) =>
  partition({ topic: 'topic', partitionMetadata, message: { key, value: null } });

describe('the partitioner', () => {
  it('gives every key the partition that kafkajs and Kafka give it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: 'binary' }), fc.uuid()), (key) => {
        assert.equal(of(ours, key), of(theirs, key));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes the partition that an event names', () => {
    const message = { key: 'key', value: null, partition: 7 };
    assert.equal(ours({ topic: 'topic', partitionMetadata, message }), 7);
  });
});
