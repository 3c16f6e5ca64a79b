import { Failure, type PlanRecord, plural } from '@muster/contracts';
import { confirmRemovals } from './confirm.js';
import { carriedOut } from './domain/plan-removals.js';
import { editPlans } from './edit-plans.js';
import { plansOf } from './run.js';
import type { SweepRun } from './sweep-run.js';

/** What an admin allowed is told once a fresh read confirms it. Rejects when somebody could not be read: to be tried again. */
export async function carryOutPlans(run: SweepRun): Promise<void> {
  const plans = await plansOf(run);
  let left = 0;
  for (const plan of plans.filter(({ state, candidates }) => state === 'allowed' || hasAllowed({ candidates })))
    left += await carryOut(run, plan);
  if (left > 0)
    throw new Failure(
      'plan.unconfirmed',
      `${plural(left, 'person', 'people')} whose removal was allowed could not be read.`,
      {
        retryable: true,
      },
    );
}

export const hasAllowed = ({ candidates }: Pick<PlanRecord, 'candidates'>): boolean =>
  candidates.some(({ state }) => state === 'allowed');

/** Answers how many could not be read. */
async function carryOut(run: SweepRun, plan: PlanRecord): Promise<number> {
  const allowed = plan.candidates.filter(({ state }) => state === 'allowed').map(({ userId }) => userId);
  const { removed, stayed, unconfirmed } = await confirmRemovals(run, allowed, { planId: plan.planId });
  const outcomes = new Map([
    ...removed.map((userId) => [userId, 'removed'] as const),
    ...stayed.map((userId) => [userId, 'stayed'] as const),
  ]);
  // Somebody may have answered for others meanwhile.
  await editPlans(run, (plans) =>
    plans
      .filter(({ planId }) => planId === plan.planId)
      .map((current) => carriedOut(current, outcomes, run.now().toISOString())),
  );
  run.logger.warn(
    { planId: plan.planId, removed: removed.length, stayed: stayed.length, unconfirmed: unconfirmed.length },
    'allowed removals were carried out',
  );
  return unconfirmed.length;
}
