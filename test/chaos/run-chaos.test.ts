import assert from 'node:assert/strict';
import { chooseFaults, FAULTS, isOver, schedule } from './run-chaos.js';

/** Each strike draws `draws` times, and its figures are told with it. */
const strikesOf = (seed: number, { count, draws = 1 }: { count: number; draws?: number }) => {
  const strikes = schedule(seed);
  return Array.from({ length: count }, () => {
    const { fault, onTop, random } = strikes.next().value!;
    const [first] = Array.from({ length: draws }, random.next);
    return { row: fault.row, onTop: onTop?.row, first };
  });
};
const rowsOf = (seed: number, count: number): string[] => strikesOf(seed, { count }).map(({ row }) => row);

describe('the schedule of chaos', () => {
  it('is the same for a seed, and another for another', () => {
    const count = 3 * FAULTS.length;
    assert.deepEqual(strikesOf(31, { count }), strikesOf(31, { count, draws: 7 }), 'however often a strike draws');
    assert.notDeepEqual(rowsOf(31, count), rowsOf(32, count));
  });

  it('has Graph ill as well in a third of what strikes others, in different ways, and never beside its own faults', () => {
    const strikes = strikesOf(5, { count: 6 * FAULTS.length });
    const onTop = strikes.filter((one) => one.onTop !== undefined);
    const may = strikes.filter(({ row }) => /^(receiver|projector|reconciler|Kafka|network)/.test(row));
    assert.ok(onTop.length > may.length / 5 && onTop.length < may.length / 2, `${onTop.length} of ${may.length}`);
    assert.ok(new Set(onTop.map((one) => one.onTop)).size > 9);
    assert.ok(onTop.every(({ row }) => !/^(Graph|notifications|secret|tenants|subscription: [^ks])/.test(row)));
  });

  it('strikes every kind once before any strikes again', () => {
    const rows = rowsOf(8, 2 * FAULTS.length);
    const all = FAULTS.map(({ row }) => row).toSorted();
    assert.deepEqual(rows.slice(0, FAULTS.length).toSorted(), all);
    assert.deepEqual(rows.slice(FAULTS.length).toSorted(), all);
  });

  it('is of the kinds that were asked for, and says when there are none', () => {
    const chosen = chooseFaults(['secret:', 'admin: kill']).map(({ row }) => row);
    assert.ok(chosen.length > 2 && chosen.every((row) => /secret:|admin: kill/.test(row)), chosen.join('\n'));
    assert.equal(chooseFaults(), FAULTS);
    assert.throws(() => chooseFaults(['secret:', 'earthquake']), /no fault is named earthquake/);
  });

  it('is over when its time is, but for a proof not before each kind has struck three times', () => {
    const few = { 'admin: kill -9': 3, 'Kafka: stalls': 2 };
    assert.equal(isOver(29 * 60_000, { minutes: 29, faults: few }), false);
    assert.equal(isOver(29 * 60_000 + 1, { minutes: 29, faults: few }), true);
    assert.equal(isOver(31 * 60_000, { minutes: 30, faults: few }), false);
    assert.equal(isOver(31 * 60_000, { minutes: 30, faults: { ...few, 'Kafka: stalls': 3 } }), true);
    assert.equal(isOver(29 * 60_000, { minutes: 30, faults: { ...few, 'Kafka: stalls': 3 } }), false);
  });

  it('counts each kind by a name of its own', () => {
    assert.equal(new Set(FAULTS.map(({ row }) => row)).size, FAULTS.length);
  });
});
