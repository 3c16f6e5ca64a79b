import assert from 'node:assert/strict';
import { findLost, findLostStrangers, readLedger, type Delivery } from './ledger.js';

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

  it('is not what was refused, or dropped by a fault', () => {
    assert.deepEqual(findLost([delivery(2, { ackedAt: null })], kept), []);
  });

  it('is also a lifecycle event, of Graph or of a fault, which count together', () => {
    const challenge = delivery(3, { entity: 'subscription', entityId: 's' });
    const posted = new Map([['s/reauthorizationRequired', 3]]);
    const inKafka = (times: number) => findLost([challenge], new Map([['s/reauthorizationRequired', times]]), posted);
    assert.deepEqual(inKafka(4), []);
    assert.deepEqual(inKafka(3), ['s/reauthorizationRequired was acknowledged 4 times and is in Kafka 3 times']);
    assert.equal(findLost([], new Map(), new Map([['s/missed', 1]])).length, 1);
  });

  it('is also what a fault posted, where a receiver took it', () => {
    assert.deepEqual(findLostStrangers(new Set(['a']), new Set(['a', 'b'])), []);
    assert.match(findLostStrangers(new Set(['a', 'c']), new Set(['a']))[0]!, /of c was answered 202/);
  });
});

describe('the ledger of what was sent', () => {
  const simulatorOf = (deliveries: readonly Delivery[]) => {
    const asked: string[] = [];
    const call = (_method: string, path: string): Promise<unknown> => {
      asked.push(path);
      const since = Number(/since=(\d+)/.exec(path)?.[1]);
      return Promise.resolve({ deliveries: deliveries.filter(({ sequence }) => sequence > since) });
    };
    return { asked, call };
  };

  it('is read on from the first that was not settled, whose end is seen', async () => {
    const before = await readLedger(simulatorOf([delivery(1), delivery(2, { ackedAt: null }), delivery(3)]));
    const simulator = simulatorOf([delivery(1), delivery(2), delivery(3), delivery(4)]);
    assert.deepEqual(
      await readLedger(simulator, before),
      [1, 2, 3, 4].map((sequence) => delivery(sequence)),
    );
    assert.deepEqual(simulator.asked, ['/ledger?since=1&limit=10000']);
  });

  it('is refused when its beginning, or what comes next, is forgotten', async () => {
    await assert.rejects(readLedger(simulatorOf([delivery(2)])), /forgotten what it sent ahead of delivery 2/);
    await assert.rejects(readLedger(simulatorOf([delivery(1), delivery(5)]), [delivery(1), delivery(2)]), /forgotten/);
  });
});
