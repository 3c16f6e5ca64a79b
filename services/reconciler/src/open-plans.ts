import type { PlansStore } from '@muster/store';
import { hasAllowed } from './carry-out-plans.js';

export type OpenPlans = {
  /** How many wait for an admin. */
  waiting: number;
  /** Integrations with removals that an admin allowed and nobody has carried out. */
  allowed: Set<string>;
};

/** Looks each second: a plan's people, who may be 50,000, are loaded only when it has changed. */
export function createOpenPlans(plans: Pick<PlansStore, 'heads' | 'get'>): () => Promise<OpenPlans> {
  let looked = new Map<string, { updatedAt: string; isAllowed: boolean }>();

  return async () => {
    const next: typeof looked = new Map();
    const open: OpenPlans = { waiting: 0, allowed: new Set() };
    for (const { planId, integrationId, state, updatedAt } of await plans.heads(['waiting', 'allowed'])) {
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
