import { z } from 'zod';
import { deltaTokens } from './cursor-record.js';
import { guid, instant } from './ids.js';
import { snapshotKind } from './observation.js';

/** People (or MFA rows) by what became of them. */
export const drift = z.object({
  added: z.int().nonnegative(),
  changed: z.int().nonnegative(),
  removed: z.int().nonnegative(),
});
export type Drift = z.infer<typeof drift>;

/** A document of `snapshots`, `_id` = snapshot id: one full read and how it went. */
export const snapshotRecord = z.object({
  snapshotId: z.string(),
  integrationId: guid,
  tenantId: guid,
  kind: snapshotKind,
  state: z.enum(['running', 'published', 'complete', 'failed']),
  reason: z.string(),
  /** Of the settings that it was begun for. Absent on records of before. */
  scope: z.object({ groupId: guid.nullable(), includeGuests: z.boolean() }).optional(),
  /** Pages and rows read so far. */
  pages: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  /** `$count` before the read, where Graph gives one: the share done. */
  expectedRows: z.int().nonnegative().nullable(),
  /** When the last page will have been read, by the rows expected and what Graph lets through; while it runs. */
  pagesEndAt: instant.nullish(),
  /** Where to go on after a crash: the `@odata.nextLink` that was not yet read. */
  nextLink: z.string().nullable(),
  resumed: z.boolean(),
  /** Of a read of users: delta tokens taken before its first page. */
  tokens: deltaTokens.nullish(),
  startedAt: instant,
  publishedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  /**
   * What the read found that neither notification nor sweep had told, by kind: proof of what was missed. Null or absent:
   * a first load, which finds everything.
   */
  drift: drift.nullish(),
  /** By partition of the observations topic: when the projector reached the end mark. Written by the projector. */
  projected: z.record(z.string(), instant),
});
export type SnapshotRecord = z.infer<typeof snapshotRecord>;
