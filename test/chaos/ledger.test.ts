import assert from 'node:assert/strict';
import { findLost, findLostStrangers, type Delivery } from './ledger.js';

const delivery = (changedAt: number, fields: Partial<Delivery> = {}): Delivery => ({
  sequence: changedAt,
  subscriptionId: 's',
  changedAt,
  entity: 'user',
  entityId: 'u',
  sentAt: 1,
  ackedAt: 1,
  dropped: null,
  ...fields,
});

describe('what was acknowledged and lost', () => {
  const kept = new Map([['s/u/1', 1]]);

  it('is nothing when Kafka has each as often as it was acknowledged, or more often', () => {
    assert.deepEqual(findLost([delivery(1)], kept), []);
    assert.deepEqual(findLost([delivery(1)], new Map([['s/u/1', 3]])), []);
  });

  it('is what Kafka has not, or less often', () => {
    assert.deepEqual(findLost([delivery(1), delivery(2)], kept), [
      's/u/2 was acknowledged 1 times and is in Kafka 0 times',
    ]);
    assert.equal(findLost([delivery(1), delivery(1)], kept).length, 1);
  });

  it('is not what was refused, dropped by a fault, or of another kind', () => {
    const refused = delivery(2, { ackedAt: null });
    assert.deepEqual(findLost([refused, delivery(3, { entity: 'subscription' })], kept), []);
  });

  it('is also what a fault posted, where a receiver took it', () => {
    assert.deepEqual(findLostStrangers(new Set(['a']), new Set(['a', 'b'])), []);
    assert.match(findLostStrangers(new Set(['a', 'c']), new Set(['a']))[0]!, /of c was answered 202/);
  });
});
