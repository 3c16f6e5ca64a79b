import assert from 'node:assert/strict';
import type { SnapshotRecord } from '@muster/contracts';
import { createTenantSizes } from './tenant-sizes.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the sizes of tenants', () => {
  it('are those of the last complete read, looked up in the background and again after a while', async () => {
    const clock = { now: 0 };
    let rows: number | null = null;
    let looks = 0;
    const sizeOf = createTenantSizes({
      now: () => clock.now,
      snapshots: {
        last: () => {
          looks += 1;
          return Promise.resolve(rows === null ? null : ({ rows, expectedRows: null } as SnapshotRecord));
        },
      },
    });
    assert.equal(sizeOf('a'), undefined);
    await settled();
    rows = 700;
    assert.deepEqual([sizeOf('a'), looks], [undefined, 1]);
    clock.now += 10_000;
    sizeOf('a');
    await settled();
    assert.deepEqual([sizeOf('a'), sizeOf('a'), looks], [700, 700, 2]);
    rows = 20;
    clock.now += 300_000;
    assert.equal(sizeOf('a'), 700);
    await settled();
    assert.equal(sizeOf('a'), 20);
  });

  it('stay as they are while the database is away', async () => {
    const sizeOf = createTenantSizes({ snapshots: { last: () => Promise.reject(new Error('away')) } });
    assert.equal(sizeOf('a'), undefined);
    await settled();
    assert.equal(sizeOf('a'), undefined);
  });
});
