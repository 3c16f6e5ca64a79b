import assert from 'node:assert/strict';
import { toPlanState, type CandidateState, type PlanRecord } from '@muster/contracts';
import { createOpenPlans } from './open-plans.js';

const toPlan = (planId: string, minute: number, ...states: CandidateState[]): PlanRecord => ({
  planId,
  integrationId: `integration of ${planId}`,
  tenantId: 'tenant',
  groupId: null,
  reason: 'test',
  candidates: states.map((state, index) => ({ userId: `${index}`, why: 'deleted', state })),
  inScope: 100,
  state: toPlanState(states.map((state) => ({ state }))),
  createdAt: new Date(0).toISOString(),
  updatedAt: new Date(minute * 60_000).toISOString(),
  decidedAt: null,
  decidedBy: null,
});

describe('createOpenPlans', () => {
  it('knows who has allowed removals, and loads the people of a plan only when it has changed', async () => {
    const plans = new Map<string, PlanRecord>();
    const loaded: string[] = [];
    const put = (plan: PlanRecord) => plans.set(plan.planId, plan);
    const look = createOpenPlans({
      heads: (states) => Promise.resolve([...plans.values()].filter(({ state }) => states.includes(state))),
      get: (planId) => {
        loaded.push(planId);
        return Promise.resolve(plans.get(planId) ?? null);
      },
    });
    const told = async () => {
      const { waiting, allowed } = await look([]);
      return [waiting, [...allowed].join(), loaded.splice(0).join()];
    };
    put(toPlan('a', 1, 'waiting', 'waiting'));
    put(toPlan('b', 1, 'waiting', 'allowed'));
    put(toPlan('c', 1, 'allowed'));
    assert.deepEqual(await told(), [2, 'integration of b,integration of c', 'a,b']);
    assert.deepEqual(await told(), [2, 'integration of b,integration of c', '']);
    put(toPlan('a', 2, 'waiting', 'allowed'));
    put(toPlan('b', 2, 'waiting', 'removed'));
    put(toPlan('c', 2, 'removed'));
    assert.deepEqual(await told(), [2, 'integration of a', 'a,b']);
  });
});
