import type { PlanHead } from '@muster/store';
import { supersede } from './domain/plan-removals.js';
import { editPlan } from './edit-plans.js';
import type { SweepDeps } from './sweep-run.js';

type Deps = Pick<SweepDeps, 'store' | 'now' | 'newId' | 'logger'>;

/** A plan of a scope that was left since waits for nobody. Rejects with a retryable Failure while others edit the plans. */
export async function endLeftPlan(deps: Deps, { planId, integrationId }: PlanHead): Promise<void> {
  const { store, now, logger } = deps;
  const ended = await editPlan(deps, { planId, integrationId }, async (plan) => {
    // Behind the plan, which may be of a scope that was chosen just now.
    const settings = await store.integrations.get(integrationId);
    return plan && settings && supersede(plan, settings, now().toISOString());
  });
  if (ended) {
    const { groupId } = ended;
    logger.warn({ planId, integrationId, groupId }, 'a plan of a scope that was left was ended');
  }
}
