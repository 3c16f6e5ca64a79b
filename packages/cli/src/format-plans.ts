import type { PlanAnswer } from './answers.js';
import { formatTable } from './format-table.js';

export const formatPlans = (plans: readonly PlanAnswer[]): string =>
  plans.length === 0
    ? 'No removals wait.'
    : formatTable(
        [
          { head: 'PLAN' },
          { head: 'STATE' },
          { head: 'SINCE' },
          { head: 'WAITING', right: true },
          { head: 'KEPT', right: true },
          { head: 'REMOVED', right: true },
          { head: 'WHY' },
        ],
        plans.map(({ planId, state, createdAt, counts, reason }) => [
          planId,
          state,
          createdAt,
          counts.waiting,
          counts.refused,
          counts.removed,
          reason,
        ]),
      );
