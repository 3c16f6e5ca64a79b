import assert from 'node:assert/strict';
import type { CursorRecord } from '@muster/contracts';
import { setUpReads } from '../test/support/full-reads.js';
import { loadSituation } from './situation.js';

describe('loadSituation', () => {
  it('counts the tokens that Graph refused in a row of people or group, whichever are more', async () => {
    const { ports, tenant, run } = setUpReads();
    await run();
    const { settings } = tenant;
    const resets = async (groupId: string | null, refused: Record<CursorRecord['kind'], number>) => {
      for (const [key, cursor] of ports.cursors) ports.cursors.set(key, { ...cursor, resets: refused[cursor.kind] });
      const { snapshots, cursors } = ports.deps.store;
      const known = { settings: { ...settings, groupId }, requests: [], now: ports.clock.now };
      return (await loadSituation({ snapshots, cursors, ...known, periods: ports.deps.periods })).resets;
    };
    assert.equal(ports.cursors.size, 2);
    assert.equal(await resets(settings.groupId, { users: 1, group: 3 }), 3);
    assert.equal(await resets(settings.groupId, { users: 2, group: 0 }), 2);
    // Of a group that is chosen no more.
    assert.equal(await resets(null, { users: 1, group: 3 }), 1);
  });
});
