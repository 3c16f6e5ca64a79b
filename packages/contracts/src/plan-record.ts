import { z } from 'zod';
import { guid, instant } from './ids.js';

export const removalReason = z.enum(['deleted', 'left-group', 'absent', 'group-vanished']);
export type RemovalReason = z.infer<typeof removalReason>;

/**
 * Whether a wait or a refusal for one reason stands for a removal for another. Who is kept though out of the group, or not
 * seen by a read, is not kept when the account itself is deleted.
 */
export const coversRemoval = (kept: RemovalReason, now: RemovalReason): boolean =>
  now !== 'deleted' || kept === 'deleted';

/**
 * `waiting` for an admin; `allowed`, to be removed; `refused`, kept; `removed`; `stayed` = was in scope again when
 * looked at; `superseded`: the scope was left, or the person went another way, so that nobody has to answer.
 */
export const candidateState = z.enum(['waiting', 'allowed', 'refused', 'removed', 'stayed', 'superseded']);
export type CandidateState = z.infer<typeof candidateState>;

export const removalCandidate = z.object({
  userId: guid,
  why: removalReason,
  state: candidateState,
  /** Since when the person waits; with the plan itself where absent. */
  waitsSince: instant.optional(),
  decidedAt: instant.optional(),
});
export type RemovalCandidate = z.infer<typeof removalCandidate>;

/** `waiting` while a candidate waits, `allowed` while one is to be removed, `refused` while one is kept, else `done`. */
export const planState = z.enum(['waiting', 'allowed', 'refused', 'done']);
export type PlanState = z.infer<typeof planState>;

/**
 * A document of `plans`, `_id` = plan id: removals that were too many at once and wait for an admin; or of people whom the
 * integration never admitted, who came with the documents of a removed one: those are allowed from the start.
 */
export const planRecord = z.object({
  planId: z.string(),
  integrationId: guid,
  tenantId: guid,
  /** The chosen group at that time. */
  groupId: guid.nullable(),
  /** In words, for people. */
  reason: z.string(),
  candidates: z.array(removalCandidate),
  /** People in scope when the plan was made. */
  inScope: z.int().nonnegative(),
  state: planState,
  createdAt: instant,
  updatedAt: instant,
  decidedAt: instant.nullable(),
  /** An admin, or Muster where a rule decides. */
  decidedBy: z.string().nullable(),
});
export type PlanRecord = z.infer<typeof planRecord>;

/** Of one plan: a document of MongoDB has 16 MB, a candidate who is answered for 185 bytes. More go into a further plan. */
export const MOST_CANDIDATES = 50_000;

/** Removals wait above `least` people and `percent` of the scope, whichever is more. */
export type RemovalLimit = { least: number; percent: number };

/** Removals of all sources within this time are counted together, ms. */
export const REMOVALS_WINDOW_MS = 10 * 60_000;

/** Above this many people of a scope removals wait. */
export const removalLimit = (scope: number, { least, percent }: RemovalLimit): number =>
  Math.max(least, Math.floor((scope * percent) / 100));

export type CandidateCounts = Record<CandidateState, number>;
/** A plan without its people, of whom there may be many; how many are in each state. */
export type PlanSummary = Omit<PlanRecord, 'candidates'> & { counts: CandidateCounts };

export function countCandidates(candidates: readonly Pick<RemovalCandidate, 'state'>[]): CandidateCounts {
  const counts = { waiting: 0, allowed: 0, refused: 0, removed: 0, stayed: 0, superseded: 0 };
  for (const { state } of candidates) counts[state] += 1;
  return counts;
}

export function toPlanSummary({ candidates, ...plan }: PlanRecord): PlanSummary {
  return { ...plan, counts: countCandidates(candidates) };
}

export function toPlanState(candidates: readonly Pick<RemovalCandidate, 'state'>[]): PlanState {
  const order = ['waiting', 'allowed', 'refused'] as const;
  return order.find((state) => candidates.some((one) => one.state === state)) ?? 'done';
}
