import { z } from 'zod';
import { guid, instant } from './ids.js';
import { drift } from './snapshot-record.js';

/**
 * `covered`: notifications came and were read, and a sweep proved it. `by-sweep`: none came, or nothing could be read for a
 * while; sweeps, or the full read behind a lost token, alone kept the picture true. `blind`: neither, until the read at its
 * end.
 */
export const coverageState = z.enum(['covered', 'by-sweep', 'blind']);
export type CoverageState = z.infer<typeof coverageState>;

/**
 * A document of `coverage`, `_id` = sweep id: one sweep of the people, the interval that it closed, and what it found
 * that no notification had announced.
 */
export const sweepRecord = z.object({
  sweepId: z.string(),
  integrationId: guid,
  tenantId: guid,
  /** By Graph's clock: every change in between was seen. */
  from: instant,
  to: instant,
  /** By Graph's clock: when its last page had come. What changed between `to` and then may be counted here already. */
  readUntil: instant.nullish(),
  state: coverageState,
  rows: z.int().nonnegative(),
  /** People whose change was told before the sweep came upon it, or soon after. */
  announced: z.int().nonnegative(),
  /** People whose documents differed from what the sweep saw. */
  found: z.int().nonnegative(),
  /** Of `found`, by kind. */
  drift: drift.optional(),
  /** Of `found`: whom no notification named in time. Known once `judgedAt` is there. */
  lost: z.int().nonnegative(),
  /** A lost change is older than the sweep by at most this. */
  worstDelayMs: z.int().nonnegative(),
  /** Of `found`: who is still to be judged, and when the sweep's own read of each began. */
  suspects: z.array(z.object({ userId: guid, observedAt: instant })),
  /** Of `announced`: who may have changed behind `to`. Asked by what closes the next interval; empty once judged. */
  ahead: z.array(guid).nullish(),
  /** Absent: a sweep. A full read closes what a lost token left open. */
  closedBy: z.enum(['sweep', 'full']).nullish(),
  judgedAt: instant.nullable(),
});
export type SweepRecord = z.infer<typeof sweepRecord>;
