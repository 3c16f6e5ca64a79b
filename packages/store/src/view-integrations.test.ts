import assert from 'node:assert/strict';
import type { IntegrationSettings } from '@muster/contracts';
import fc from 'fast-check';
import type { SavedIntegration } from './store.js';
import { createIntegrationsView } from './view-integrations.js';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

/** A collection whose rows say when they were saved, by clocks that may be wrong. */
function createWorld() {
  const rows = new Map<string, SavedIntegration>();
  const asked: (string | null)[] = [];
  let elapsed = 0;
  const view = createIntegrationsView(
    {
      saved: (since) => {
        asked.push(since);
        return Promise.resolve([...rows.values()].filter(({ savedAt }) => since === null || (savedAt ?? '') >= since));
      },
    },
    () => elapsed,
  );
  return {
    view,
    asked,
    pass: (ms: number) => (elapsed += ms),
    save: (integrationId: string, revision: number, skewMs = 0) => {
      const settings = { integrationId, revision } as IntegrationSettings;
      rows.set(integrationId, { settings, savedAt: new Date(START + elapsed + skewMs).toISOString() });
    },
    saveWithoutTime: (integrationId: string) =>
      rows.set(integrationId, { settings: { integrationId, revision: 1 } as IntegrationSettings, savedAt: null }),
    truth: () => [...rows.values()].map(({ settings }) => `${settings.integrationId} ${settings.revision}`).toSorted(),
    seen: async () => (await view()).map(({ integrationId, revision }) => `${integrationId} ${revision}`),
  };
}

describe('the view of the integrations that is read each second', () => {
  it('is as fresh as the collection while clocks differ by less than ten seconds', async () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      skewMs: fc.integer({ min: -4_900, max: 4_900 }),
      pass: fc.integer({ min: 0, max: 20_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const world = createWorld();
        for (const [revision, { id, skewMs, pass }] of steps.entries()) {
          world.pass(pass);
          world.save(id, revision, skewMs);
          assert.deepEqual(await world.seen(), world.truth());
        }
      }),
    );
  });

  it('asks for no more than what was saved of late', async () => {
    const world = createWorld();
    for (const id of ['a', 'b', 'c']) world.save(id, 1);
    await world.view();
    world.pass(30_000);
    world.save('b', 2);
    await world.view();
    world.pass(1_000);
    await world.view();
    assert.deepEqual(world.asked, [null, '2026-01-01T00:00:20.000Z', '2026-01-01T00:00:21.000Z']);
  });

  it('finds within a minute what was saved by a clock that is far behind', async () => {
    const world = createWorld();
    world.save('a', 1);
    await world.view();
    world.save('a', 2, -MINUTE);
    assert.deepEqual(await world.seen(), ['a 1']);
    world.pass(MINUTE);
    assert.deepEqual(await world.seen(), ['a 2']);
  });

  it('has those that were saved before there was such a time', async () => {
    const world = createWorld();
    world.saveWithoutTime('old');
    world.save('a', 1);
    assert.deepEqual(await world.seen(), ['a 1', 'old 1']);
  });

  it('goes on after a read that failed', async () => {
    let isDown = true;
    const settings = { integrationId: 'a', revision: 1 } as IntegrationSettings;
    const view = createIntegrationsView({
      saved: () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve([{ settings, savedAt: null }])),
    });
    await assert.rejects(view(), /down/);
    isDown = false;
    assert.deepEqual(await view(), [settings]);
  });
});
