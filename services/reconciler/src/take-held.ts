import { Failure, plural, REMOVALS_WINDOW_MS, toPersonKey } from '@muster/contracts';
import { countInScope } from './count-in-scope.js';
import { decideRemovals, type Removal } from './domain/plan-removals.js';
import { holdBack } from './remove-people.js';
import { plansEndedLately, plansOf } from './run.js';
import type { SweepRun } from './sweep-run.js';

/**
 * Whom the projector held back, since too many went at once, waits in a plan like those whom a read found. Rejects with a
 * retryable Failure `removals.under-way` while some were allowed a moment ago, and their documents do not say so yet.
 */
export async function takeHeld(run: SweepRun): Promise<void> {
  const { store, settings, tries } = run;
  const { integrationId, tenantId } = settings;
  const held = await tries(() => store.removals.heldOf(integrationId));
  if (held.length === 0) return;
  const known = await tries(() => store.users.load(held.map(({ userId }) => toPersonKey(tenantId, userId))));
  const removals = held.map(({ userId, why }): Removal => {
    const status = known.get(toPersonKey(tenantId, userId))?.document.status;
    return { userId, why, inScope: status === 'active' || status === 'disabled' };
  });
  const plans = [...(await plansOf(run)), ...(await plansEndedLately(run))];
  const inScope = await countInScope(run);
  const limit = run.removalLimit;
  const mustWait = `${plural(removals.length, 'person', 'people')} went by notifications, after the most that may go at once: ${plural(inScope, 'is', 'are')} left in scope.`;
  const allowedSince = new Date(run.now().getTime() - REMOVALS_WINDOW_MS).toISOString();
  const facts = { removals, plans, recent: [], inScope, limit, mustWait, allowedSince };
  const { apply, hold, reason } = decideRemovals(facts);
  if (reason !== null) await holdBack(run, { hold, reason, inScope });
  // Nothing else would tell of them, if what an admin allowed was not this time that they left.
  const underWay = new Set(apply.filter((removal) => removal.inScope).map(({ userId }) => userId));
  const done = held.map(({ userId }) => userId).filter((userId) => !underWay.has(userId));
  if (done.length > 0) await tries(() => store.removals.release(integrationId, done));
  if (underWay.size > 0) {
    const who = `${plural(underWay.size, 'person', 'people')} whom an admin allowed to go`;
    throw new Failure('removals.under-way', `${who} are in scope still.`, { retryable: true });
  }
}
