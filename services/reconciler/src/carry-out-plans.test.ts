import assert from 'node:assert/strict';
import { isFailure, type CandidateState, type IntegrationSettings, type PlanRecord } from '@muster/contracts';
import type { ReadUser } from '@muster/graph-client';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import { carryOutPlans } from './carry-out-plans.js';
import type { ObservationEvent } from './domain/observations.js';
import type { SweepRun } from './sweep-run.js';

const settings = { integrationId: 'one', tenantId: 'tenant', groupId: null, includeGuests: true, state: 'active' };
const MINUTE_MS = 60_000;

describe('removals that an admin allowed', () => {
  function createWorld({ people, waitedMs = MINUTE_MS }: { people: number; waitedMs?: number }) {
    const { deps, plans, clock, settings: all } = createMemoryPorts();
    const ids = Array.from({ length: people }, (_, index) => `person-${index}`);
    const at = new Date(clock.now.getTime() - waitedMs).toISOString();
    plans.set('plan', {
      ...{ planId: 'plan', integrationId: 'one', tenantId: 'tenant', groupId: null, reason: 'too many', inScope: 900 },
      candidates: ids.map((userId) => ({ userId, why: 'left-group', state: 'allowed' })),
      ...{ state: 'allowed', createdAt: at, updatedAt: at, decidedAt: at, decidedBy: 'key' },
    } satisfies PlanRecord);
    all.set('one', settings as IntegrationSettings);
    const present = new Set<string>();
    const told: string[] = [];
    const toRead = (userId: string): ReadUser => {
      const seen = { userId, observedAt: clock.now.toISOString() };
      if (!present.has(userId)) return { ...seen, found: 'no', removed: 'soft' };
      return { ...seen, found: 'yes', user: { userId, userType: 'Member' }, inGroup: null } as ReadUser;
    };
    const world = {
      onRead: (): void => undefined,
      present,
      told,
      clock,
      /** The plan with these people otherwise, as an answer leaves it. */
      answer: (userIds: readonly string[], state: CandidateState): void => {
        const plan = plans.get('plan')!;
        const candidates = plan.candidates.map((one) => (userIds.includes(one.userId) ? { ...one, state } : one));
        plans.set('plan', { ...plan, candidates, updatedAt: new Date(Date.parse(plan.updatedAt) + 1).toISOString() });
      },
      pause: (): void => void all.set('one', { ...settings, state: 'paused' } as IntegrationSettings),
      states: (): Map<string, CandidateState> =>
        new Map(plans.get('plan')!.candidates.map(({ userId, state }) => [userId, state])),
      run: {
        ...{ settings, store: deps.store, tries: <T>(act: () => Promise<T>) => act(), leave: () => undefined },
        ...{ now: deps.now, newId: deps.newId, logger: deps.logger, origin: () => ({}) },
        graph: () => ({
          readUsers: (userIds: readonly string[]) => {
            world.onRead();
            return Promise.resolve(userIds.map(toRead));
          },
        }),
        publish: (events: readonly ObservationEvent[]) => {
          told.push(...events.map(({ value }) => ('userId' in value ? value.userId : '')));
          return Promise.resolve();
        },
        told: { removed: () => undefined, held: () => undefined },
      } as unknown as SweepRun,
    };
    return world;
  }

  it('leave out whom the admin refuses while the first ones are read, and end when the integration is paused', async () => {
    const world = createWorld({ people: 900 });
    let reads = 0;
    world.onRead = () => {
      reads += 1;
      if (reads === 1) world.answer(['person-850'], 'refused');
    };
    await carryOutPlans(world.run);
    assert.deepEqual([world.told.length, world.states().get('person-850')], [899, 'refused']);

    const paused = createWorld({ people: 900 });
    paused.onRead = paused.pause;
    await carryOutPlans(paused.run);
    const removed = [...paused.states().values()].filter((state) => state === 'removed').length;
    assert.deepEqual([removed, paused.told.length], [100, 100]);
  });

  it('are asked again while a read that says "in" may be older than the change that said "out"', async () => {
    const world = createWorld({ people: 2 });
    world.present.add('person-1');
    await assert.rejects(carryOutPlans(world.run), (error) => isFailure(error) && error.code === 'plan.unconfirmed');
    assert.deepEqual([...world.states().values()], ['removed', 'allowed']);
    world.present.clear();
    await carryOutPlans(world.run);
    assert.deepEqual([...world.states().values()], ['removed', 'removed']);

    const old = createWorld({ people: 1, waitedMs: 15 * MINUTE_MS });
    old.present.add('person-0');
    await carryOutPlans(old.run);
    assert.deepEqual([...old.states().values()], ['stayed']);
  });
});
