import { Failure, type PlanRecord, type RemovalCandidate, plural } from '@muster/contracts';
import type { Store } from '@muster/store';
import { confirmRemovals } from './confirm.js';
import { carriedOut } from './domain/plan-removals.js';
import { editPlan } from './edit-plans.js';
import { plansOf, type Run } from './run.js';

type CarryingRun = Run & { store: Pick<Store, 'integrations'> };

/** `left` could not be read, or are in scope by a read that may be behind. */
type CarriedOut = { removed: number; left: number };
const NOBODY: CarriedOut = { removed: 0, left: 0 };
const add = (one: CarriedOut, other: CarriedOut): CarriedOut => ({
  removed: one.removed + other.removed,
  left: one.left + other.left,
});

/** What an admin allowed is told once a fresh read confirms it. Rejects when somebody could not be confirmed: to be tried again. */
export async function carryOutPlans(run: CarryingRun): Promise<void> {
  const { left } = await carryOutAllowed(run);
  if (left > 0)
    throw new Failure(
      'plan.unconfirmed',
      `${plural(left, 'person', 'people')} whose removal was allowed could not be confirmed.`,
      {
        retryable: true,
      },
    );
}

/** The same, for a read that ends all the same. */
export async function carryOutAllowed(run: CarryingRun): Promise<CarriedOut> {
  const plans = await plansOf(run);
  let all = NOBODY;
  for (const plan of plans.filter(({ state, candidates }) => state === 'allowed' || hasAllowed({ candidates })))
    all = add(all, await carryOut(run, plan.planId));
  return all;
}

export const hasAllowed = ({ candidates }: Pick<PlanRecord, 'candidates'>): boolean =>
  candidates.some(({ state }) => state === 'allowed');

/** So many are told before the plan is looked at again: an admin may refuse some, or pause, while thousands are read. */
const LEAST_AT_ONCE = 100;
const MOST_LOOKS = 20;
/** For so long a read by id may still be behind the changes that told of somebody. */
const UNSURE_MS = 15 * 60_000;

async function carryOut(run: CarryingRun, planId: string): Promise<CarriedOut> {
  const { store, tries } = run;
  const asked = new Set<string>();
  let all = NOBODY;
  for (;;) {
    const plan = await tries(() => store.plans.get(planId));
    const settings = await tries(() => store.integrations.get(run.settings.integrationId));
    if (!plan || settings?.state !== 'active') return all;
    const allowed = plan.candidates.filter(({ userId, state }) => state === 'allowed' && !asked.has(userId));
    const next = allowed.slice(0, Math.max(LEAST_AT_ONCE, Math.ceil(plan.candidates.length / MOST_LOOKS)));
    if (next.length === 0) return all;
    for (const { userId } of next) asked.add(userId);
    all = add(all, await tellAllowed(run, plan, next));
  }
}

async function tellAllowed(
  run: CarryingRun,
  plan: PlanRecord,
  allowed: readonly RemovalCandidate[],
): Promise<CarriedOut> {
  const { planId } = plan;
  const userIds = allowed.map(({ userId }) => userId);
  const { removed, stayed, unconfirmed } = await confirmRemovals(run, userIds, { planId });
  const sureBefore = new Date(run.now().getTime() - UNSURE_MS).toISOString();
  const unsure = new Set(
    allowed.flatMap(({ userId, waitsSince = plan.createdAt }) => (waitsSince > sureBefore ? [userId] : [])),
  );
  const sure = stayed.filter((userId) => !unsure.has(userId));
  const outcomes = new Map([
    ...removed.map((userId) => [userId, 'removed'] as const),
    ...sure.map((userId) => [userId, 'stayed'] as const),
  ]);
  // Somebody may have answered for others meanwhile.
  const toCarriedOut = (current: PlanRecord | null): PlanRecord | null =>
    current && carriedOut(current, outcomes, run.now().toISOString());
  if (outcomes.size > 0) await run.tries(() => editPlan(run, plan, toCarriedOut));
  const left = unconfirmed.length + stayed.length - sure.length;
  run.logger.warn({ planId, removed: removed.length, stayed: sure.length, left }, 'allowed removals were carried out');
  return { removed: removed.length, left };
}
