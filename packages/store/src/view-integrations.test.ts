import assert from 'node:assert/strict';
import type { IntegrationSettings } from '@muster/contracts';
import fc from 'fast-check';
import type { SavedIntegration } from './store.js';
import { createIntegrationsView } from './view-integrations.js';

const MINUTE = 60_000;

/** A collection whose saves are numbered when they begin, and are there when they end. */
function createWorld() {
  const rows = new Map<string, SavedIntegration>();
  const asked: (number | null)[] = [];
  let elapsed = 0;
  let sequence = 0;
  let isDown = false;
  const saved = (after: number | null): Promise<SavedIntegration[]> => {
    if (isDown) return Promise.reject(new Error('down'));
    asked.push(after);
    return Promise.resolve([...rows.values()].filter((row) => after === null || (row.sequence ?? 0) > after));
  };
  const view = createIntegrationsView({ saved }, () => elapsed);
  /** Answers what ends the save. */
  const begin = (integrationId: string, revision: number): (() => void) => {
    sequence += 1;
    const row = { settings: { integrationId, revision } as IntegrationSettings, sequence };
    return () => void rows.set(integrationId, row);
  };
  return {
    view,
    asked,
    begin,
    pass: (ms: number) => (elapsed += ms),
    setDown: (down: boolean) => (isDown = down),
    save: (integrationId: string, revision: number) => begin(integrationId, revision)(),
    saveWithoutNumber: (integrationId: string) =>
      rows.set(integrationId, { settings: { integrationId, revision: 1 } as IntegrationSettings, sequence: null }),
    truth: () => [...rows.values()].map(({ settings }) => `${settings.integrationId} ${settings.revision}`).toSorted(),
    seen: async () => (await view()).map(({ integrationId, revision }) => `${integrationId} ${revision}`),
  };
}

type World = ReturnType<typeof createWorld>;
const step = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  what: fc.constantFrom('save' as const, 'begin' as const, 'end' as const),
  pass: fc.integer({ min: 0, max: 2 * MINUTE }),
  read: fc.constantFrom('yes' as const, 'no' as const, 'down' as const),
});

describe('the view of the integrations that is read each second', () => {
  it('is as fresh as the collection at each read, whenever it was read before, and whoever saved ahead of whom', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world: World = createWorld();
        const open: (() => void)[] = [];
        for (const [revision, { id, what, pass, read }] of steps.entries()) {
          world.pass(pass);
          if (what === 'save') world.save(id, revision);
          else if (what === 'begin' && open.length < 5) open.push(world.begin(`${id} of others`, revision));
          else open.shift()?.();
          // A save that is held up is no longer than twenty others behind: the steps are few.
          if (revision % 15 === 14) for (const end of open.splice(0)) end();
          world.setDown(read === 'down');
          if (read === 'down') await assert.rejects(world.view(), /down/);
          else if (read === 'yes') assert.deepEqual(await world.seen(), world.truth());
        }
      }),
    );
  });

  it('asks for no more than the last few', async () => {
    const world = createWorld();
    for (let revision = 1; revision <= 50; revision += 1) world.save(`i${revision}`, revision);
    await world.view();
    world.pass(30_000);
    world.save('i1', 51);
    await world.view();
    await world.view();
    assert.deepEqual(world.asked, [null, 30, 31]);
  });

  it('finds within a minute a save that was held up for long', async () => {
    const world = createWorld();
    world.save('a', 1);
    const end = world.begin('a', 2);
    for (let revision = 1; revision <= 30; revision += 1) world.save(`i${revision}`, revision);
    await world.view();
    end();
    assert.ok(!(await world.seen()).includes('a 2'));
    world.pass(MINUTE);
    assert.deepEqual(await world.seen(), world.truth());
  });

  it('has those that were saved before there were numbers', async () => {
    const world = createWorld();
    world.saveWithoutNumber('old');
    world.save('a', 1);
    assert.deepEqual(await world.seen(), ['a 1', 'old 1']);
  });
});
