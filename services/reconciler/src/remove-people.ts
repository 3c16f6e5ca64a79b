import { REMOVALS_WINDOW_MS, type PlanRecord } from '@muster/contracts';
import { confirmRemovals, type Confirmed } from './confirm.js';
import { addToPlans, decideRemovals, type Removal } from './domain/plan-removals.js';
import { editPlans } from './edit-plans.js';
import { plansEndedLately, plansOf, type Run } from './run.js';
import { whoCameBack } from './who-came-back.js';

export type Removed = Confirmed & {
  /** The plan that waits for an admin; null when nobody was held. */
  plan: PlanRecord | null;
};

export type RemovalsFound = {
  removals: readonly Removal[];
  /** People in scope by the documents. */
  inScope: number;
  /** Why they wait, however few they are. */
  mustWait?: string | undefined;
};

/** Who left later than this from now left by a clock that was set back since, and did not leave just now. */
const AHEAD_MS = 60_000;

/** Tells removals that a read by id confirms; those that are too many at once wait as a plan. */
export async function removePeople(run: Run, { removals, inScope, mustWait }: RemovalsFound): Promise<Removed> {
  const nobody = { removed: [], stayed: [], present: [], unconfirmed: [], plan: null };
  if (removals.length === 0) return nobody;
  const { store, settings, tries, now } = run;
  const plans = [...(await plansOf(run)), ...(await plansEndedLately(run))];
  const since = new Date(now().getTime() - REMOVALS_WINDOW_MS);
  const until = new Date(now().getTime() + AHEAD_MS);
  const recent = await tries(() => store.users.leftSince(settings.tenantId, since, until));
  const { apply, hold, reason } = decideRemovals({
    removals,
    plans,
    recent,
    inScope,
    limit: run.removalLimit,
    back: await whoCameBack(run, removals, plans),
    mustWait,
  });
  const plan = reason === null ? null : await holdBack(run, { hold, reason, inScope });
  const confirmed = await confirmRemovals(
    run,
    apply.map(({ userId }) => userId),
  );
  return { ...confirmed, plan };
}

/** Of nobody yet, for the present scope. */
export function toFreshPlan({ settings, now, newId }: Run, inScope: number): Omit<PlanRecord, 'reason'> {
  const { integrationId, tenantId, groupId } = settings;
  const at = now().toISOString();
  return {
    planId: newId(),
    integrationId,
    tenantId,
    groupId,
    candidates: [],
    inScope,
    state: 'waiting',
    createdAt: at,
    updatedAt: at,
    decidedAt: null,
    decidedBy: null,
  };
}

type Held = { hold: readonly Removal[]; reason: string; inScope: number };

/** Into the plan that waits for an admin; more than one holds, into the next. Answers the first of them. */
export async function holdBack(run: Run, { hold, reason, inScope }: Held): Promise<PlanRecord | null> {
  const fresh = (): PlanRecord => ({ ...toFreshPlan(run, inScope), reason });
  let changed: readonly PlanRecord[] = [];
  await editPlans(run, (plans) => (changed = addToPlans(plans, hold, { fresh })));
  run.told.held(hold.length);
  run.logger.error(
    { planIds: changed.map(({ planId }) => planId), held: hold.length, inScope, reason },
    'removals wait for an admin',
  );
  return changed[0] ?? null;
}
