import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { IntegrationSettings, PlanRecord } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import { createMemoryPorts, type MemoryPorts } from '../test/support/memory-ports.js';
import type { Origin } from './domain/observations.js';
import type { Removal } from './domain/plan-removals.js';
import { editPlans } from './edit-plans.js';
import { holdBack, removePeople } from './remove-people.js';
import type { Run } from './run.js';
import { createTries } from './try-again.js';

const settings = { integrationId: 'one', tenantId: 'tenant', groupId: null } as IntegrationSettings;
const person = (userId: string): Removal => ({ userId, why: 'absent', inScope: true });

describe('plans that several runs edit at once', () => {
  const toRun = (deps: MemoryPorts['deps'], fields: Partial<Run> = {}): Run =>
    ({
      settings,
      store: deps.store,
      tries: createTries({ pause: () => setImmediate(), onRetry: () => undefined }),
      now: deps.now,
      newId: deps.newId,
      logger: deps.logger,
      told: { removed: () => undefined, held: () => undefined },
      ...fields,
    }) as Partial<Run> as Run;

  it('are those that are open and of the present scope: what ended, of up to 50,000 people each, is not loaded', async () => {
    const { deps, plans, clock } = createMemoryPorts();
    const { list } = deps.store.plans;
    const loaded: string[] = [];
    deps.store.plans.list = async (filter) => {
      const found = await list(filter);
      loaded.push(...found.map(({ planId }) => planId));
      return found;
    };
    const put = (planId: string, fields: Partial<PlanRecord>): void =>
      void plans.set(planId, {
        ...{ planId, integrationId: 'one', tenantId: 'tenant', groupId: null, reason: 'too many', candidates: [] },
        ...{ inScope: 10, state: 'waiting', createdAt: clock.now.toISOString(), updatedAt: clock.now.toISOString() },
        ...{ decidedAt: null, decidedBy: null, ...fields },
      });
    put('done', { state: 'done' });
    put('of another group', { groupId: 'another' });
    put('of another integration', { integrationId: 'another' });
    for (const state of ['waiting', 'allowed', 'refused'] as const) put(state, { state });
    await editPlans(toRun(deps), (given) => given.filter(({ planId }) => planId === 'none'));
    assert.deepEqual(loaded.sort(), ['allowed', 'refused', 'waiting']);
  });

  it('count whom an admin allowed lately for no limit, though their plan has ended', async () => {
    const removed = Array.from({ length: 33 }, (_, index) => `allowed ${index}`);
    const { deps, plans, left, clock } = createMemoryPorts();
    left.push(...removed);
    const at = new Date(clock.now.getTime() - 60 * 60_000).toISOString();
    plans.set('done', {
      ...{ planId: 'done', integrationId: 'one', tenantId: 'tenant', groupId: null, reason: 'too many', inScope: 350 },
      candidates: removed.map((userId) => ({ userId, why: 'absent', state: 'removed' })),
      ...{ state: 'done', createdAt: at, updatedAt: at, decidedAt: at, decidedBy: 'key' },
    });
    const graph = { readUsers: () => Promise.resolve([]) } as Partial<Graph> as Graph;
    const run = toRun(deps, {
      removalLimit: { least: 5, percent: 10 },
      graph: () => graph,
      origin: () => ({}) as Origin,
      publish: () => Promise.resolve(),
    });
    const removals = Array.from({ length: 6 }, (_, index) => person(`leaves ${index}`));
    assert.equal((await removePeople(run, { removals, inScope: 350 })).plan, null);
  });

  it('become one plan that holds everyone', async () => {
    const { deps, plans } = createMemoryPorts();
    const save = deps.store.plans.save;
    // A slow save: the other run reads meanwhile.
    deps.store.plans.save = async (record: PlanRecord, before) => {
      await setImmediate();
      return save(record, before);
    };
    const held = (userId: string) =>
      holdBack(toRun(deps), { hold: [person(userId)], reason: 'too many at once', inScope: 10 });
    await Promise.all([held('anna'), held('berta'), held('carla')]);
    const candidates = [...plans.values()].map((plan) => plan.candidates.map(({ userId }) => userId).sort());
    assert.deepEqual(candidates, [['anna', 'berta', 'carla']]);
  });
});
