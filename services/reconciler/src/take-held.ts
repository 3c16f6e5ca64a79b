import { toPersonKey, plural } from '@muster/contracts';
import { countInScope } from './count-in-scope.js';
import { decideRemovals, type Removal } from './domain/plan-removals.js';
import { holdBack } from './remove-people.js';
import { plansOf } from './run.js';
import type { SweepRun } from './sweep-run.js';

/** Whom the projector held back, since too many went at once, waits in a plan like those whom a read found. */
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
  const [plans, inScope] = [await plansOf(run), await countInScope(run)];
  const limit = run.removalLimit;
  const mustWait = `${plural(removals.length, 'person', 'people')} went by notifications, after the most that may go at once: ${plural(inScope, 'is', 'are')} left in scope.`;
  const { hold, reason } = decideRemovals({ removals, plans, recent: [], inScope, limit, mustWait });
  if (reason !== null) await holdBack(run, { hold, reason, inScope });
  await tries(() =>
    store.removals.release(
      integrationId,
      held.map(({ userId }) => userId),
    ),
  );
}
