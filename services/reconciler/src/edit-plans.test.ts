import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { IntegrationSettings, PlanRecord } from '@muster/contracts';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import type { Removal } from './domain/plan-removals.js';
import { holdBack } from './remove-people.js';
import type { Run } from './run.js';
import { createTries } from './try-again.js';

const settings = { integrationId: 'one', tenantId: 'tenant', groupId: null } as IntegrationSettings;
const person = (userId: string): Removal => ({ userId, why: 'absent', inScope: true });

describe('plans that several runs edit at once', () => {
  it('become one plan that holds everyone', async () => {
    const { deps, plans } = createMemoryPorts();
    const save = deps.store.plans.save;
    // A slow save: the other run reads meanwhile.
    deps.store.plans.save = async (record: PlanRecord) => {
      await setImmediate();
      await save(record);
    };
    const run = (): Run =>
      ({
        settings,
        store: deps.store,
        tries: createTries({ pause: () => setImmediate(), onRetry: () => undefined }),
        now: deps.now,
        newId: deps.newId,
        logger: deps.logger,
        told: { removed: () => undefined, held: () => undefined },
      }) as Partial<Run> as Run;
    const held = (userId: string) =>
      holdBack(run(), { hold: [person(userId)], reason: 'too many at once', inScope: 10 });
    await Promise.all([held('anna'), held('berta'), held('carla')]);
    const candidates = [...plans.values()].map((plan) => plan.candidates.map(({ userId }) => userId).sort());
    assert.deepEqual(candidates, [['anna', 'berta', 'carla']]);
  });
});
