import assert from 'node:assert/strict';
import {
  isFailure,
  REMOVALS_WINDOW_MS,
  type CandidateState,
  type IntegrationSettings,
  type PlanRecord,
  type UserDocument,
} from '@muster/contracts';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import { carryOutPlans } from './carry-out-plans.js';
import type { SweepRun } from './sweep-run.js';
import { takeHeld } from './take-held.js';

const settings = { integrationId: 'one', tenantId: 'tenant', groupId: null } as IntegrationSettings;

describe('whom the projector held back', () => {
  /** A plan of one who went and one who stays, which is open for as long as that refusal stands. */
  function createWorld(updatedMsAgo: number, others: CandidateState = 'refused') {
    const { deps, plans, clock } = createMemoryPorts();
    const at = new Date(clock.now.getTime() - updatedMsAgo).toISOString();
    const candidate = (userId: string, state: CandidateState) => ({ userId, why: 'left-group' as const, state });
    const plan: PlanRecord = {
      ...{ planId: 'old', integrationId: 'one', tenantId: 'tenant', groupId: null, reason: 'too many', inScope: 20 },
      candidates: [candidate('back', 'removed'), candidate('other', others)],
      ...{ createdAt: at, updatedAt: at, decidedAt: at, decidedBy: 'key' },
      state: others === 'refused' ? 'refused' : 'done',
    };
    plans.set('old', plan);
    const held = new Set(['back']);
    let status: UserDocument['status'] = 'active';
    const store = {
      ...deps.store,
      removals: {
        heldOf: () => Promise.resolve([...held].map((userId) => ({ userId, why: 'left-group' }))),
        release: (_id: string, userIds: string[]) => {
          for (const userId of userIds) held.delete(userId);
          return Promise.resolve();
        },
      },
      users: {
        load: (ids: string[]) => Promise.resolve(new Map(ids.map((id) => [id, { document: { status } }]))),
        count: () => Promise.resolve(10),
      },
    };
    const run = {
      ...{ settings, store, tries: <T>(act: () => Promise<T>) => act(), removalLimit: { least: 5, percent: 10 } },
      ...{ now: deps.now, newId: deps.newId, logger: deps.logger },
      told: { removed: () => undefined, held: () => undefined },
    } as unknown as SweepRun;
    const waiting = (): string[] =>
      [...plans.values()].flatMap(({ candidates }) =>
        candidates.filter(({ state }) => state === 'waiting').map(({ userId }) => userId),
      );
    return { run, held, waiting, goes: () => void (status = 'out-of-scope') };
  }

  it('waits in a plan, though the person went once before by one that is open still', async () => {
    const { run, held, waiting } = createWorld(REMOVALS_WINDOW_MS + 1);
    await takeHeld(run);
    assert.deepEqual([[...held], waiting()], [[], ['back']]);
  });

  for (const others of ['refused', 'removed'] as const)
    it(`stays held while an admin allowed it a moment ago and the document does not say so (others ${others})`, async () => {
      const { run, held, waiting, goes } = createWorld(REMOVALS_WINDOW_MS - 1, others);
      await assert.rejects(takeHeld(run), (error) => isFailure(error) && error.retryable);
      assert.deepEqual([[...held], waiting()], [['back'], []]);
      goes();
      await takeHeld(run);
      assert.deepEqual([[...held], waiting()], [[], []]);
    });
});

describe('a plan whose allowed people cannot be read', () => {
  it('stays as it was, since when it was: whom it removed once is not let go anew by each try', async () => {
    const { deps, plans, clock } = createMemoryPorts();
    const at = new Date(clock.now.getTime() - 60_000).toISOString();
    const plan: PlanRecord = {
      ...{ planId: 'p', integrationId: 'one', tenantId: 'tenant', groupId: null, reason: 'too many', inScope: 20 },
      candidates: [{ userId: 'unread', why: 'left-group', state: 'allowed' }],
      ...{ state: 'allowed', createdAt: at, updatedAt: at, decidedAt: at, decidedBy: 'key' },
    };
    plans.set('p', plan);
    const failed = { userId: 'unread', found: 'failed', failure: new Error('odd') };
    const run = {
      ...{ settings, store: deps.store, tries: <T>(act: () => Promise<T>) => act(), origin: () => ({}) },
      ...{ now: deps.now, newId: deps.newId, logger: deps.logger, publish: () => Promise.resolve() },
      ...{ graph: () => ({ readUsers: () => Promise.resolve([failed]) }), told: { removed: () => undefined } },
    } as unknown as SweepRun;
    await assert.rejects(carryOutPlans(run), (error) => isFailure(error) && error.code === 'plan.unconfirmed');
    assert.deepEqual(plans.get('p'), plan);
  });
});
