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
import type { SweepRun } from './sweep-run.js';
import { takeHeld } from './take-held.js';

const settings = { integrationId: 'one', tenantId: 'tenant', groupId: null } as IntegrationSettings;

describe('whom the projector held back', () => {
  /** A plan of one who went and one who stays, which is open for as long as that refusal stands. */
  function createWorld(updatedMsAgo: number) {
    const { deps, plans, clock } = createMemoryPorts();
    const at = new Date(clock.now.getTime() - updatedMsAgo).toISOString();
    const candidate = (userId: string, state: CandidateState) => ({ userId, why: 'left-group' as const, state });
    const plan: PlanRecord = {
      ...{ planId: 'old', integrationId: 'one', tenantId: 'tenant', groupId: null, reason: 'too many', inScope: 20 },
      candidates: [candidate('back', 'removed'), candidate('kept', 'refused')],
      ...{ state: 'refused', createdAt: at, updatedAt: at, decidedAt: at, decidedBy: 'key' },
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

  it('stays held while an admin allowed it a moment ago and the document does not say so; let go once it does', async () => {
    const { run, held, waiting, goes } = createWorld(REMOVALS_WINDOW_MS - 1);
    await assert.rejects(takeHeld(run), (error) => isFailure(error) && error.retryable);
    assert.deepEqual([[...held], waiting()], [['back'], []]);
    goes();
    await takeHeld(run);
    assert.deepEqual([[...held], waiting()], [[], []]);
  });
});
