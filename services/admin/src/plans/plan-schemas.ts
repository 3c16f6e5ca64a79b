import { z } from 'zod';
import {
  candidateState,
  coverageState,
  planState,
  removalReason,
  type CandidateState,
  type PlanSummary,
  type RemovalCandidate,
  type SweepRecord,
} from '@muster/contracts';
import { pageOf } from '../http/cursor.js';

const count = z.int().nonnegative();
const text = z.string().nullable();

export const planView = z
  .object({
    planId: z.string(),
    integrationId: z.string(),
    state: planState.describe(
      '`waiting` for an answer; `allowed`: being carried out; `refused`: people are kept; `done`: nobody is left to decide.',
    ),
    reason: z.string(),
    inScope: count.describe('People in scope when the plan was made.'),
    counts: z
      .object({
        ...{ waiting: count, allowed: count, refused: count, removed: count, stayed: count },
        superseded: count.describe('Of a scope that was left since, or out by another way: nobody has to answer.'),
      })
      .describe('People in each state; GET /plans/{planId}/people names them.'),
    createdAt: z.string(),
    updatedAt: z.string(),
    decidedAt: text,
    decidedBy: text,
  })
  .meta({ id: 'Plan' });

const candidateView = z
  .object({
    userId: z.string(),
    displayName: text.describe('Null: not known.'),
    why: removalReason,
    state: candidateState,
  })
  .meta({ id: 'PlanPerson' });

/** With the plan as it was when the page was read: its `updatedAt` is what an answer for these people names. */
export const planPeopleView = pageOf(candidateView).extend({ plan: planView });

export const toPlanView = ({ tenantId: _, groupId: __, ...view }: PlanSummary): z.input<typeof planView> => view;

export type CandidatePage = { items: RemovalCandidate[]; next: number | null };

/**
 * Candidates from a place in the plan on, of one state if wanted. A plan only ever grows at its end, so a place stays
 * where it is while one goes from page to page.
 */
export function toCandidatePage(
  candidates: readonly RemovalCandidate[],
  { state, from, limit }: { state: CandidateState | undefined; from: number; limit: number },
): CandidatePage {
  const items: RemovalCandidate[] = [];
  for (const [place, candidate] of candidates.entries()) {
    if (place < from || (state !== undefined && candidate.state !== state)) continue;
    if (items.length === limit) return { items, next: place };
    items.push(candidate);
  }
  return { items, next: null };
}

export const coverageView = z
  .object({
    integrationId: z.string(),
    since: z.string(),
    intervals: z
      .array(z.object({ from: z.string(), to: z.string(), state: coverageState, sweeps: count }))
      .describe('Oldest first; what is later than the last one is not proved yet.'),
    loss: z
      .object({
        announced: count.describe('Changes that a notification announced.'),
        lost: count.describe('Changes that a sweep found and no notification had announced.'),
        share: z.number().nullable().describe('`lost` of both; null when nothing changed.'),
        worstDelayMs: count.describe('A lost change was at most this old when a sweep found it.'),
        open: count.describe('Found by a sweep, and not yet judged.'),
      })
      .describe('Of the same time.'),
  })
  .meta({ id: 'Coverage' });

type Sweep = Omit<SweepRecord, 'suspects'>;
type Counted = Pick<Sweep, 'announced' | 'found' | 'lost' | 'worstDelayMs' | 'judgedAt'>;
type CoverageView = z.input<typeof coverageView>;

/** Sweeps in a row with the same state are one interval. */
export function toCoverageView(integrationId: string, since: string, sweeps: readonly Sweep[]): CoverageView {
  const intervals: CoverageView['intervals'] = [];
  for (const { from, to, state } of sweeps.filter((sweep) => sweep.to >= since)) {
    const last = intervals.at(-1);
    if (last?.state === state && last.to === from) Object.assign(last, { to, sweeps: last.sweeps + 1 });
    else intervals.push({ from, to, state, sweeps: 1 });
  }
  return { integrationId, since, intervals, loss: toLoss(sweeps) };
}

export function toLoss(sweeps: readonly Counted[]): CoverageView['loss'] {
  const sum = (of: (sweep: Counted) => number): number => sweeps.reduce((total, sweep) => total + of(sweep), 0);
  const [announced, lost] = [sum((sweep) => sweep.announced), sum((sweep) => sweep.lost)];
  return {
    announced,
    lost,
    share: announced + lost === 0 ? null : lost / (announced + lost),
    worstDelayMs: Math.max(0, ...sweeps.map(({ worstDelayMs }) => worstDelayMs)),
    open: sum(({ judgedAt, found }) => (judgedAt === null ? found : 0)),
  };
}
