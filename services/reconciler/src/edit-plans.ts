import { Failure, type PlanRecord } from '@muster/contracts';
import type { Store } from '@muster/store';
import { plansOf, type Run } from './run.js';

/** Longer than reading and saving plans takes; released at once. */
const LEASE_MS = 15_000;

/**
 * One edit of an integration's plans at a time, whichever run or copy makes it: two that read the same plans would make
 * two of one, or lose an answer. Rejects with a retryable Failure `plans.busy`.
 */
export async function underPlansLease<T>(
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

/** `edit` is given the open plans of the present scope, newest first, and answers those that change; it may be asked twice. */
export async function editPlans(run: Run, edit: (plans: PlanRecord[]) => readonly PlanRecord[]): Promise<void> {
  const { store, settings, tries, newId } = run;
  // Most often nothing is to be changed: that needs no lease.
  if (edit(await plansOf(run)).length === 0) return;
  const lease = { leases: store.leases, integrationId: settings.integrationId, holder: `plans-${newId()}` };
  await tries(() =>
    underPlansLease(lease, async () => {
      for (const plan of edit(await plansOf(run))) await store.plans.save(plan);
    }),
  );
}
