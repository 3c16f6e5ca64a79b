import assert from 'node:assert/strict';
import { isFailure, type CandidateState, type IntegrationSettings, type PlanRecord } from '@muster/contracts';
import type { ReadUser } from '@muster/graph-client';
import { createMemoryPorts } from '../test/support/memory-ports.js';
import type { ObservationEvent } from './domain/observations.js';
import type { SweepRun } from './sweep-run.js';
import { takeHeld } from './take-held.js';

const settings = { integrationId: 'one', tenantId: 'tenant', groupId: null } as IntegrationSettings;

describe('whom the projector held back', () => {
  /** One went by a plan, is in scope, and is held; the plan is open for as long as another's refusal stands. */
  function createWorld({ cameBack = false, others = 'refused' }: { cameBack?: boolean; others?: CandidateState } = {}) {
    const { deps, plans, clock } = createMemoryPorts();
    const at = clock.now.toISOString();
    const changedAt = new Date(clock.now.getTime() + (cameBack ? 1 : -1)).toISOString();
    const candidate = (userId: string, state: CandidateState) => ({
      ...{ userId, why: 'left-group' as const, state, decidedAt: at },
    });
    const plan: PlanRecord = {
      ...{ planId: 'old', integrationId: 'one', tenantId: 'tenant', groupId: null, reason: 'too many', inScope: 20 },
      candidates: [candidate('back', 'removed'), candidate('other', others)],
      ...{ createdAt: at, updatedAt: at, decidedAt: at, decidedBy: 'key' },
      state: others === 'refused' ? 'refused' : 'done',
    };
    plans.set('old', plan);
    const held = new Set(['back']);
    let read: ReadUser = { userId: 'back', observedAt: at, found: 'no', removed: 'soft' };
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
        load: (ids: string[]) =>
          Promise.resolve(new Map(ids.map((id) => [id, { document: { status: 'active', changedAt } }]))),
        count: () => Promise.resolve(10),
      },
    };
    const told: ObservationEvent[] = [];
    const run = {
      ...{ settings, store, tries: <T>(act: () => Promise<T>) => act(), removalLimit: { least: 5, percent: 10 } },
      ...{ now: deps.now, newId: deps.newId, logger: deps.logger, origin: () => ({}), leave: () => undefined },
      graph: () => ({ readUsers: () => Promise.resolve([read]) }),
      publish: (events: readonly ObservationEvent[]) => Promise.resolve(void told.push(...events)),
      told: { removed: () => undefined, held: () => undefined },
    } as unknown as SweepRun;
    const waiting = (): string[] =>
      [...plans.values()].flatMap(({ candidates }) =>
        candidates.filter(({ state }) => state === 'waiting').map(({ userId }) => userId),
      );
    const fails = (): void => void (read = { ...read, found: 'failed', failure: new Error('odd') } as ReadUser);
    return { run, held, waiting, told, fails };
  }

  it('waits in a plan, though the person went once before by one, and came back', async () => {
    const { run, held, waiting, told } = createWorld({ cameBack: true });
    await takeHeld(run);
    assert.deepEqual([[...held], waiting(), told], [[], ['back'], []]);
  });

  for (const others of ['refused', 'removed'] as const)
    it(`goes by the answer of an admin that the document does not know yet, when a read confirms it (others ${others})`, async () => {
      const { run, held, waiting, told } = createWorld({ others });
      await takeHeld(run);
      assert.deepEqual([[...held], waiting()], [[], []]);
      assert.deepEqual(
        told.map(({ value }) => 'planId' in value && value.planId),
        ['old'],
      );
    });

  it('stays held while the read that would confirm it fails', async () => {
    const { run, held, waiting, told, fails } = createWorld();
    fails();
    await assert.rejects(takeHeld(run), (error) => isFailure(error) && error.retryable);
    assert.deepEqual([[...held], waiting(), told], [['back'], [], []]);
  });
});
