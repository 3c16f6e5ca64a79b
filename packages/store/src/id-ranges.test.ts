import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inIdRanges, type IdRange } from './id-ranges.js';

const keysOf = async (all: readonly string[], onFind: (found: number) => void = () => undefined): Promise<string[]> => {
  const find = ({ $gte, $lt }: IdRange): Promise<string[]> => {
    const found = all.filter((key) => key >= $gte && key < $lt);
    onFind(found.length);
    return Promise.resolve(found);
  };
  const keys: string[] = [];
  for await (const key of inIdRanges('t', find)) keys.push(key);
  return keys;
};

describe('everything of a tenant, range by range', () => {
  it('comes once and in order, whatever the ids, and nobody of another tenant', async () => {
    const id = fc.oneof(fc.uuid(), fc.constantFrom('', '/', '0', 'ffffffff', 'ffffffff-f', 'zz', 'FFFF'), fc.string());
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { maxLength: 400 }), async (ids) => {
        const mine = ids.map((one) => `t/${one}`).sort();
        const others = ids.flatMap((one) => [`s/${one}`, `t0/${one}`, `u/${one}`]);
        assert.deepEqual(await keysOf([...mine, ...others].sort()), mine);
      }),
      { numRuns: 200 },
    );
  });

  it('is asked for in few queries of a small tenant, and in small ones of a large one', async () => {
    const spread = (count: number): string[] =>
      Array.from(
        { length: count },
        (_, index) => `t/${(Math.imul(index, 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}`,
      ).sort();
    const queriesOf = async (count: number) => {
      const sizes: number[] = [];
      await keysOf(spread(count), (found) => sizes.push(found));
      return { queries: sizes.length, most: Math.max(...sizes) };
    };
    assert.ok((await queriesOf(0)).queries < 5);
    assert.ok((await queriesOf(200)).queries < 6);
    const large = await queriesOf(20_000);
    assert.ok(large.most <= 200, `${large.most} at once`);
    assert.ok(large.queries < 400, `${large.queries} queries`);
  });
});
