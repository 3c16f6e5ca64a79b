import type { IntegrationSettings } from '@muster/contracts';
import type { PlanHead, PlansStore } from '@muster/store';
import { hasAllowed } from './carry-out-plans.js';
import { whyNeedless } from './domain/plan-removals.js';

export type OpenPlans = {
  /** How many wait for an admin. */
  waiting: number;
  /** Integrations with removals that an admin allowed and nobody has carried out. */
  allowed: Set<string>;
  /** Of a scope that was left since. */
  left: PlanHead[];
};

/** Looks each second: a plan's people, who may be 50,000, are loaded only when it has changed. */
export function createOpenPlans(
  plans: Pick<PlansStore, 'heads' | 'get'>,
): (all: readonly IntegrationSettings[]) => Promise<OpenPlans> {
  let looked = new Map<string, { updatedAt: string; isAllowed: boolean }>();

  return async (all) => {
    const settings = new Map(all.map((one) => [one.integrationId, one]));
    const next: typeof looked = new Map();
    const open: OpenPlans = { waiting: 0, allowed: new Set(), left: [] };
    for (const head of await plans.heads(['waiting', 'allowed'])) {
      const { planId, integrationId, state, updatedAt } = head;
      const scope = settings.get(integrationId);
      if (scope && whyNeedless(head, scope) !== null) {
        open.left.push(head);
        continue;
      }
      if (state === 'waiting') open.waiting += 1;
      const known = looked.get(planId);
      // Of one that waits some may be allowed already.
      const isAllowed =
        state === 'allowed' ||
        (known?.updatedAt === updatedAt
          ? known.isAllowed
          : hasAllowed((await plans.get(planId)) ?? { candidates: [] }));
      next.set(planId, { updatedAt, isAllowed });
      if (isAllowed) open.allowed.add(integrationId);
    }
    looked = next;
    return open;
  };
}
