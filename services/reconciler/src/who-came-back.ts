import { isInScopeStatus, toPersonKey, type PlanRecord } from '@muster/contracts';
import { answeredAt, type Removal } from './domain/plan-removals.js';
import type { Run } from './run.js';

/** Of those whom one of these plans removed: whose document was changed after the answer, so that it is not on its way. */
export async function whoCameBack(
  { store, settings: { tenantId }, tries }: Pick<Run, 'store' | 'settings' | 'tries'>,
  removals: readonly Removal[],
  plans: readonly PlanRecord[],
): Promise<Set<string>> {
  const answered = answeredAt(plans);
  const asked = removals.filter(({ userId, inScope }) => inScope && answered.has(userId)).map(({ userId }) => userId);
  if (asked.length === 0) return new Set();
  const known = await tries(() => store.users.load(asked.map((userId) => toPersonKey(tenantId, userId))));
  return new Set(
    asked.filter((userId) => {
      const document = known.get(toPersonKey(tenantId, userId))?.document;
      // Changed to be out: then what was allowed has arrived in between.
      return isInScopeStatus(document?.status) && (document?.changedAt ?? '') > (answered.get(userId) ?? '');
    }),
  );
}
