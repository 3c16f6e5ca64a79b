import type { PlanAnswer, PlanPeopleAnswer } from './answers.js';
import { formatTable } from './format-table.js';

export const formatPlans = (plans: readonly PlanAnswer[]): string =>
  plans.length === 0
    ? 'No removals wait.'
    : formatTable(
        [
          { head: 'PLAN' },
          { head: 'STATE' },
          { head: 'SINCE' },
          { head: 'AS OF' },
          { head: 'WAITING', right: true },
          { head: 'KEPT', right: true },
          { head: 'REMOVED', right: true },
          { head: 'WHY' },
        ],
        plans.map(({ planId, state, createdAt, updatedAt, counts, reason }) => [
          planId,
          state,
          createdAt,
          updatedAt,
          counts.waiting,
          counts.refused,
          counts.removed,
          reason,
        ]),
      );

export const formatPlanPeople = ({ items }: PlanPeopleAnswer): string =>
  items.length === 0
    ? 'Nobody.'
    : formatTable(
        [{ head: 'ID' }, { head: 'NAME' }, { head: 'WHY' }, { head: 'STATE' }],
        items.map(({ userId, displayName, why, state }) => [userId, displayName, why, state]),
      );
