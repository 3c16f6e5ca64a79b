import type { PlanHead } from '@muster/store';
import { supersede } from './domain/plan-removals.js';
import { savePlan, underPlansLease } from './edit-plans.js';
import type { SweepDeps } from './sweep-run.js';

type Deps = Pick<SweepDeps, 'store' | 'now' | 'newId' | 'logger'>;

/** A plan of a scope that was left since waits for nobody. Rejects with a retryable Failure while others edit the plans. */
export async function endLeftPlan(
  { store, now, newId, logger }: Deps,
  { planId, integrationId }: PlanHead,
): Promise<void> {
  await underPlansLease({ leases: store.leases, integrationId, holder: `plans-${newId()}` }, async () => {
    const plan = await store.plans.get(planId);
    // Behind the plan, which may be of a scope that was chosen just now.
    const settings = await store.integrations.get(integrationId);
    const ended = plan && settings && supersede(plan, settings, now().toISOString());
    if (!ended) return;
    await savePlan(store, ended, plan.updatedAt);
    logger.warn({ planId, integrationId, groupId: plan.groupId }, 'a plan of a scope that was left was ended');
  });
}
