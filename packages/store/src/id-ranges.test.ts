import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inIdRanges, type IdRange } from './id-ranges.js';

type Asked = { after?: string | null; onFind?: (found: number) => void };
const keysOf = async (all: readonly string[], { after = null, onFind }: Asked = {}): Promise<string[]> => {
  const find = (range: IdRange): Promise<string[]> => {
    const isWithin = (key: string) => ('$gt' in range ? key > range.$gt : key >= range.$gte) && key < range.$lt;
    const found = all.filter(isWithin);
    onFind?.(found.length);
    return Promise.resolve(found);
  };
  const keys: string[] = [];
  for await (const key of inIdRanges('t', find, after)) keys.push(key);
  return keys;
};

describe('everything of a tenant, range by range', () => {
  const id = fc.oneof(fc.uuid(), fc.constantFrom('', '/', '0', 'ffffffff', 'ffffffff-f', 'zz', 'FFFF'), fc.string());

  it('comes once and in order, whatever the ids, and nobody of another tenant', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { maxLength: 400 }), async (ids) => {
        const mine = ids.map((one) => `t/${one}`).sort();
        const others = ids.flatMap((one) => [`s/${one}`, `t0/${one}`, `u/${one}`]);
        assert.deepEqual(await keysOf([...mine, ...others].sort()), mine);
      }),
      { numRuns: 200 },
    );
  });

  it('is all that comes behind a key, whether somebody has it or not', async () => {
    const key = fc.tuple(fc.constantFrom('s', 't', 't', 't', 'u'), id).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { maxLength: 400 }), key, async (ids, after) => {
        const mine = ids.map((one) => `t/${one}`).sort();
        const others = ids.flatMap((one) => [`s/${one}`, `t0/${one}`, `u/${one}`]);
        const behind = mine.filter((one) => one > after);
        assert.deepEqual(await keysOf([...mine, ...others].sort(), { after }), behind);
        for (const one of mine.slice(0, 3))
          assert.deepEqual(await keysOf(mine, { after: one }), mine.slice(mine.indexOf(one) + 1));
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
      await keysOf(spread(count), { onFind: (found) => sizes.push(found) });
      return { queries: sizes.length, most: Math.max(...sizes) };
    };
    assert.ok((await queriesOf(0)).queries < 5);
    assert.ok((await queriesOf(200)).queries < 6);
    const large = await queriesOf(20_000);
    assert.ok(large.most <= 200, `${large.most} at once`);
    assert.ok(large.queries < 400, `${large.queries} queries`);
  });
});
