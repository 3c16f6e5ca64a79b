import { Failure, type PlanRecord } from '@muster/contracts';
import type { Store } from '@muster/store';
import { plansOf, type Run } from './run.js';

/** Longer than reading and saving plans takes; released at once. */
const LEASE_MS = 15_000;

/**
 * One edit of an integration's plans at a time, whichever run or copy makes it: two that read the same plans would make
 * two of one, or lose an answer. Rejects with a retryable Failure `plans.busy`.
 */
async function underPlansLease<T>(
  { leases, integrationId, holder }: { leases: Store['leases']; integrationId: string; holder: string },
  edit: () => Promise<T>,
): Promise<T> {
  const lease = `plans/${integrationId}`;
  if (!(await leases.acquire(lease, holder, LEASE_MS)))
    throw new Failure('plans.busy', 'The plans of this integration are being edited.', { retryable: true });
  try {
    return await edit();
  } finally {
    await leases.release(lease, holder).catch(() => undefined);
  }
}

/** Where somebody's lease ran out while it stood still, the later edit stays. Rejects with a retryable Failure `plans.busy`. */
async function savePlan({ plans }: Pick<Store, 'plans'>, plan: PlanRecord, before: string | null): Promise<void> {
  if (await plans.save(plan, before)) return;
  throw new Failure('plans.busy', 'A plan of this integration was edited meanwhile.', { retryable: true });
}

type PlanDeps = { store: Pick<Store, 'plans' | 'leases'>; newId: () => string };

/** One plan by its id; `edit` answers it changed, or null. Answers what was saved. Rejects with a retryable Failure `plans.busy`. */
export function editPlan(
  { store, newId }: PlanDeps,
  { planId, integrationId }: Pick<PlanRecord, 'planId' | 'integrationId'>,
  edit: (plan: PlanRecord | null) => PlanRecord | null | Promise<PlanRecord | null>,
): Promise<PlanRecord | null> {
  return underPlansLease({ leases: store.leases, integrationId, holder: `plans-${newId()}` }, async () => {
    const plan = await store.plans.get(planId);
    const edited = await edit(plan);
    if (edited) await savePlan(store, edited, plan?.updatedAt ?? null);
    return edited;
  });
}

/** `edit` is given the open plans of the present scope, newest first, and answers those that change; it may be asked twice. */
export async function editPlans(run: Run, edit: (plans: PlanRecord[]) => readonly PlanRecord[]): Promise<void> {
  const { store, settings, tries, newId } = run;
  // Most often nothing is to be changed: that needs no lease.
  if (edit(await plansOf(run)).length === 0) return;
  const lease = { leases: store.leases, integrationId: settings.integrationId, holder: `plans-${newId()}` };
  await tries(() =>
    underPlansLease(lease, async () => {
      const plans = await plansOf(run);
      const before = new Map(plans.map(({ planId, updatedAt }) => [planId, updatedAt]));
      for (const plan of edit(plans)) await savePlan(store, plan, before.get(plan.planId) ?? null);
    }),
  );
}
