import { Failure, isInScopeStatus, plural, toPersonKey, type PlanRecord } from '@muster/contracts';
import { confirmRemovals } from './confirm.js';
import { countInScope } from './count-in-scope.js';
import { decideRemovals, type Removal } from './domain/plan-removals.js';
import { holdBack } from './remove-people.js';
import { plansEndedLately, plansOf } from './run.js';
import type { SweepRun } from './sweep-run.js';
import { whoCameBack } from './who-came-back.js';

/**
 * Whom the projector held back, since too many went at once, waits in a plan like those whom a read found. Whom an admin let
 * go a moment ago goes by that answer: it may have been given while the notification was on its way. Rejects with a retryable
 * Failure `removals.unconfirmed` when somebody of them could not be read.
 */
export async function takeHeld(run: SweepRun): Promise<void> {
  const { store, settings, tries } = run;
  const { integrationId, tenantId } = settings;
  const held = await tries(() => store.removals.heldOf(integrationId));
  if (held.length === 0) return;
  const known = await tries(() => store.users.load(held.map(({ userId }) => toPersonKey(tenantId, userId))));
  const removals = held.map(({ userId, why }): Removal => {
    const status = known.get(toPersonKey(tenantId, userId))?.document.status;
    return { userId, why, inScope: isInScopeStatus(status) };
  });
  const plans = [...(await plansOf(run)), ...(await plansEndedLately(run))];
  const inScope = await countInScope(run);
  const limit = run.removalLimit;
  const mustWait = `${plural(removals.length, 'person', 'people')} went by notifications, after the most that may go at once: ${plural(inScope, 'is', 'are')} left in scope.`;
  const back = await whoCameBack(run, removals, plans);
  const facts = { removals, plans, recent: [], inScope, limit, mustWait, back };
  const { apply, hold, reason } = decideRemovals(facts);
  if (reason !== null) await holdBack(run, { hold, reason, inScope });
  const allowed = apply.flatMap((one) => (one.inScope ? [one.userId] : []));
  const unconfirmed = new Set(await tellAllowed(run, plans, allowed));
  const settled = held.flatMap(({ userId }) => (unconfirmed.has(userId) ? [] : [userId]));
  await tries(() => store.removals.release(integrationId, settled));
  if (unconfirmed.size > 0) {
    const who = `${plural(unconfirmed.size, 'person', 'people')} whose removal was allowed`;
    throw new Failure('removals.unconfirmed', `${who} could not be read.`, { retryable: true });
  }
}

/** In the name of their plans, else they would be held back once more. Answers who could not be read: to be tried again. */
async function tellAllowed(
  run: SweepRun,
  plans: readonly PlanRecord[],
  userIds: readonly string[],
): Promise<readonly string[]> {
  const left = new Set(userIds);
  const unconfirmed: string[] = [];
  for (const { planId, candidates } of plans) {
    const gone = candidates.flatMap(({ userId, state }) =>
      state === 'removed' && left.delete(userId) ? [userId] : [],
    );
    unconfirmed.push(...(await confirmRemovals(run, gone, { planId })).unconfirmed);
  }
  return unconfirmed;
}
