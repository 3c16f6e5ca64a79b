import assert from 'node:assert/strict';
import type { CursorRecord } from '@muster/contracts';
import type { CursorsStore } from './reconciler-store.js';
import { createCursorsView } from './view-cursors.js';

const cursor = (integrationId: string, revision: number) =>
  ({ integrationId, kind: 'users', revision }) as CursorRecord;

/** `saveElsewhere`: another copy. */
function createWorld() {
  const rows = new Map<string, CursorRecord>();
  let elapsed = 0;
  let reads = 0;
  const cursors: CursorsStore = {
    get: (integrationId) => Promise.resolve(rows.get(integrationId) ?? null),
    ofIntegration: () => Promise.reject(new Error('not used')),
    all: () => {
      reads += 1;
      return Promise.resolve([...rows.values()]);
    },
    save: (record) => {
      if ((rows.get(record.integrationId)?.revision ?? 0) !== record.revision - 1) return Promise.resolve(false);
      rows.set(record.integrationId, record);
      return Promise.resolve(true);
    },
  };
  const view = createCursorsView(cursors, () => elapsed);
  return {
    view,
    reads: () => reads,
    pass: (ms: number) => (elapsed += ms),
    saveElsewhere: (record: CursorRecord) => void rows.set(record.integrationId, record),
    seen: async () => (await view.all()).map(({ integrationId, revision }) => `${integrationId} ${revision}`),
  };
}

describe('the view of the cursors that is read each second', () => {
  it('knows at once what was saved or read here, and asks the server for all only every ten seconds', async () => {
    const world = createWorld();
    await world.view.save(cursor('a', 1));
    assert.deepEqual(await world.seen(), ['a 1']);
    await world.view.save(cursor('a', 2));
    world.saveElsewhere(cursor('b', 1));
    await world.view.get('b', 'users');
    assert.deepEqual(await world.seen(), ['a 2', 'b 1']);
    assert.equal(world.reads(), 1);
  });

  it('has after ten seconds what another copy saved', async () => {
    const world = createWorld();
    await world.view.save(cursor('a', 1));
    await world.seen();
    world.saveElsewhere(cursor('a', 2));
    assert.deepEqual(await world.seen(), ['a 1']);
    world.pass(10_000);
    assert.deepEqual(await world.seen(), ['a 2']);
  });

  it('asks at once when somebody else saved in between', async () => {
    const world = createWorld();
    await world.view.save(cursor('a', 1));
    await world.seen();
    world.saveElsewhere(cursor('a', 2));
    assert.equal(await world.view.save(cursor('a', 2)), false);
    assert.deepEqual(await world.seen(), ['a 2']);
  });

  it('does not go back when an answer comes late', async () => {
    const world = createWorld();
    await world.view.save(cursor('a', 1));
    const late = world.view.get('a', 'users');
    await world.view.save(cursor('a', 2));
    await late;
    assert.deepEqual(await world.seen(), ['a 2']);
  });
});
