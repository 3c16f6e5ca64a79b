import { z } from 'zod';
import { guid, instant } from './ids.js';

export const cursorKind = z.enum(['users', 'group']);
export type CursorKind = z.infer<typeof cursorKind>;

const treeGroup = z.object({ groupId: guid, displayName: z.string().nullable(), groupPath: z.array(guid) });
export type TreeGroup = z.infer<typeof treeGroup>;

/** Where the changes since a point in time can be asked for. `groupIds`: those that the link was taken for. */
const deltaToken = z.object({ deltaLink: z.string(), groupIds: z.array(guid) });
export type DeltaToken = z.infer<typeof deltaToken>;

/** What was taken before a full read began, so that nothing falls between it and the first delta. */
export const deltaTokens = z.object({
  /** By Graph's clock. */
  takenAt: instant,
  users: z.array(deltaToken),
  group: z.array(deltaToken),
  tree: z.array(treeGroup),
});
export type DeltaTokens = z.infer<typeof deltaTokens>;

/** A document of `cursors`, `_id` = `{integrationId}/{kind}`: how far the changes of one kind were followed. */
export const cursorRecord = z.object({
  integrationId: guid,
  tenantId: guid,
  kind: cursorKind,
  /** The chosen group at that time: with another one the cursor is of no use. */
  groupId: guid.nullable(),
  /** Empty: Graph no longer took the last ones; a full read gives new ones. */
  links: z.array(deltaToken),
  /** Of `group`: the chosen group's tree as it was last read. */
  tree: z.array(treeGroup),
  /** Of `group`: those of the tree that were deleted lately; one that is restored belongs to it again. */
  deletedGroups: z.array(z.object({ groupId: guid, at: instant })).optional(),
  /** Everything until here was seen; by Graph's clock. */
  takenAt: instant,
  /** When the last sweep that went well began. */
  sweptAt: instant,
  /** How often it is followed, ms: what is late is judged by it. */
  everyMs: z.int().positive().nullish(),
  baselineSnapshotId: z.string().nullable(),
  /** By Graph's clock: when that full read had told everything. Until then documents were read by it, not after notifications. */
  baselineEndedAt: instant.nullable(),
  resetAt: instant.nullable(),
  /** So many tokens one after the other Graph did not take; 0 once one was. */
  resets: z.int().nonnegative().optional(),
  /**
   * People of whom Graph would not say what became of them, though a change names them: each sweep asks again, and goes on
   * for the others meanwhile.
   */
  unsettled: z.array(guid).optional(),
  failure: z.object({ code: z.string(), message: z.string(), at: instant, count: z.int().positive() }).nullable(),
  /** Raised with each save: of two who save, one wins. */
  revision: z.int().positive(),
});
export type CursorRecord = z.infer<typeof cursorRecord>;
