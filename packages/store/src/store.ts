import type {
  DirectoryChange,
  HeldRemoval,
  IntegrationSettings,
  LagStep,
  MembershipFacts,
  MfaDocument,
  MfaFacts,
  MfaState,
  PermissionTable,
  RemovalWindow,
  SubscriptionRecord,
  SubscriptionWish,
  TenantHealth,
  TokenCacheRecord,
  UserDocument,
  UserFacts,
} from '@muster/contracts';
import type { AccessStores } from './access-store.js';
import type { PeopleFilter } from './people-filter.js';
import type { ReconcilerStores } from './reconciler-store.js';

/** The port to MongoDB: a few methods a collection. Adapters are `mongo-*.ts`; one service writes each collection. */

/** A document with what is kept beside it: the change that is not yet on the feed, and the projector's facts. */
export type Stored<T, F = unknown> = {
  document: T;
  pending: DirectoryChange | null;
  facts: F | null;
  /** Changes with every write, also one that changes facts alone. */
  version: string | null;
};

/** What a decision was made on: the write is refused when the document, or what is kept beside it, has moved on since. */
export type Base<T> = {
  revision: number;
  version?: string | null;
  /** As it was read: where it is given, only fields that are others now are written. */
  document?: T;
};

/** Refused when the document has moved on since `base` (invariant 3). */
export type GuardedWrite<T, F = unknown> =
  | { kind: 'insert'; id: string; document: T; pending: DirectoryChange; facts?: F }
  | { kind: 'update'; id: string; base: Base<T>; document: T; pending: DirectoryChange; facts?: F }
  /** Nothing changed: only `observedAt` (and the facts behind it) advances; no revision, no event. Refused while a change waits. */
  | { kind: 'touch'; id: string; base: Base<T>; observedAt: string; facts?: F };

export type Page<T> = { items: T[]; nextCursor: string | null };

export type Projected<T, F = unknown> = {
  load: (ids: readonly string[]) => Promise<Map<string, Stored<T, F>>>;
  /** Applies all in one unordered bulk; answers the ids that were refused because the document had moved on. */
  write: (writes: readonly GuardedWrite<T, F>[]) => Promise<{ refused: string[] }>;
  /** The change is on the feed: forgets it, unless a newer revision is there. */
  published: (changes: readonly { id: string; revision: number }[]) => Promise<void>;
  /** Changes that were stored and never confirmed on the feed, oldest first. */
  leftovers: (limit: number) => Promise<{ id: string; pending: DirectoryChange }[]>;
  get: (id: string) => Promise<T | null>;
  /**
   * Of documents that are not there (any more): the highest revision that the history of the feed has. Left out: who
   * never had one, or none within the time for which the history is kept.
   */
  lastTold: (ids: readonly string[]) => Promise<Map<string, number>>;
};

/** `membership`: of which group it was last seen whether the person is in it, and when; null without a group. */
export type KnownPerson = Pick<UserDocument, 'userId' | 'observedAt' | 'inGroup' | 'status'> & {
  membership: Pick<MembershipFacts, 'groupId' | 'observedAt'> | null;
};

/** `everybody`: also of those who are there, in a tenant that nobody serves any more. */
type ToPurge = (tenantId: string, since: Date, limit: number, options?: { everybody?: boolean }) => Promise<string[]>;

export type UsersStore = Projected<UserDocument, UserFacts> & {
  page: (
    filter: PeopleFilter,
    options: { limit: number; cursor?: string },
  ) => Promise<Page<UserDocument & { mfa: MfaDocument | null }>>;
  count: (filter: PeopleFilter) => Promise<number>;
  /** A tenant's people whose documents are not `deleted`, streamed in id order. */
  ids: (tenantId: string) => AsyncIterable<KnownPerson>;
  /** The others: those whose documents are `deleted`. */
  deletedIds: (tenantId: string) => AsyncIterable<Pick<UserDocument, 'userId' | 'observedAt'>>;
  /** Ids of the people who are there and in scope: active or disabled. */
  idsInScope: (tenantId: string) => AsyncIterable<string>;
  /** Who was deleted or left the scope since, and by `until`. */
  leftSince: (tenantId: string, since: Date, until?: Date) => Promise<string[]>;
  /** Ids of documents of people who are gone or out, unchanged since, of whom more than ids is kept. */
  toPurge: ToPurge;
  /** Drops documents and MFA rows of the deleted of whom only ids were kept since; answers how many people. */
  drop: (tenantId: string, since: Date, limit: number) => Promise<number>;
};
export type MfaStore = Projected<MfaDocument, MfaFacts> & {
  /** Rows by state of the people who are there: not of the deleted or out, nor stale ones of people without a document. */
  countByState: (tenantId: string) => Promise<Record<MfaState, number>>;
  ids: (tenantId: string) => AsyncIterable<{ userId: string; observedAt: string; stale: boolean }>;
  /** Ids of rows, stale and unchanged since, of people of whom there is no document, and of whom more than ids is kept. */
  toPurge: ToPurge;
};

/** The chosen group's tree. `_id` = `{tenantId}/{groupId}`. */
export type GroupDocument = {
  tenantId: string;
  groupId: string;
  displayName: string | null;
  groupPath: string[];
  observedAt: string;
};
export type GroupsStore = {
  ofTenant: (tenantId: string) => Promise<GroupDocument[]>;
  /** Older observations lose. */
  save: (documents: readonly GroupDocument[]) => Promise<void>;
  remove: (groups: readonly { tenantId: string; groupId: string; observedAt: string }[]) => Promise<void>;
};

export type SavedIntegration = { settings: IntegrationSettings; sequence: number | null };
export type IntegrationsStore = {
  all: () => Promise<IntegrationSettings[]>;
  /**
   * Each save has a number, higher than those of all that had ended when it began. Those with a higher one than `after`; null = all.
   * Null is the number of one that was saved before there were any.
   */
  saved: (after: number | null) => Promise<SavedIntegration[]>;
  get: (integrationId: string) => Promise<IntegrationSettings | null>;
  /** Rejects with Failure `integration.tenant-taken` when the tenant has one that is not removed. */
  insert: (settings: IntegrationSettings) => Promise<void>;
  /** Answers false when someone else saved in between (`revision` is that of the settings read, one less than the new). */
  replace: (settings: IntegrationSettings, revision: number) => Promise<boolean>;
};

export type SubscriptionsStore = {
  ofIntegration: (integrationId: string) => Promise<SubscriptionRecord[]>;
  all: () => Promise<SubscriptionRecord[]>;
  /**
   * `seen`: the wishes that the record was made of. When others have come since, nothing is saved, and the answer is
   * what is recorded now; else null.
   */
  save: (record: SubscriptionRecord, seen?: SubscriptionWish) => Promise<SubscriptionRecord | null>;
  want: (integrationId: string, subscriptionId: string, wish: SubscriptionWish) => Promise<void>;
  /** Graph was asked for all of an integration, ahead of the regular inventory. */
  inventoried: (integrationId: string, at: string) => Promise<void>;
  remove: (integrationId: string, resource: string) => Promise<void>;
};

/** What keeps too many from going at once: the count of the last minutes, and who waits to be put into a plan. */
export type RemovalsStore = {
  window: (integrationId: string) => Promise<RemovalWindow | null>;
  /** Answers false when another copy saved in between: `revision` is one more than that of the window that was read. */
  saveWindow: (window: RemovalWindow) => Promise<boolean>;
  /** Who is held already stays as first held. */
  hold: (removals: readonly HeldRemoval[]) => Promise<void>;
  /** Of these people, or of all. */
  heldOf: (integrationId: string, userIds?: readonly string[]) => Promise<HeldRemoval[]>;
  /** Integrations with people who are held. */
  integrationsWithHeld: () => Promise<string[]>;
  release: (integrationId: string, userIds: readonly string[]) => Promise<void>;
};
/** People whom notifications named and whom nobody read: a sweep that finds them changed did not find a loss. */
export type AnnouncedStore = {
  add: (announced: { integrationId: string; userIds: readonly string[]; at: Date }) => Promise<void>;
  /** Kept for a day. */
  since: (integrationId: string, since: Date) => Promise<Set<string>>;
  /** When the first since then was; null: there was none. */
  oldest: (integrationId: string, since: Date) => Promise<Date | null>;
};
/**
 * One holder at a time: acquired by a unique insert or the take-over of an expired one, never by read-then-write. One that ends
 * later than twice `forMs` from now was taken by a clock that was ahead, and is taken over, too.
 */
export type LeasesStore = {
  acquire: (name: string, holder: string, forMs: number) => Promise<boolean>;
  release: (name: string, holder: string) => Promise<void>;
};

export type LagStore = {
  /** Adds to the minute's buckets. `at` is the minute that the measure belongs to. */
  add: (measures: readonly { integrationId: string; step: LagStep; ms: number; at: Date }[]) => Promise<void>;
  /** Bucket counts by step since `since`, merged. */
  sum: (integrationId: string, since: Date) => Promise<Record<LagStep, number[]>>;
  /** The same by slices of `everyMs` (whole minutes), oldest first; slices in which nothing was measured are left out. */
  series: (
    integrationId: string,
    span: { since: Date; until: Date; everyMs: number },
  ) => Promise<{ at: string; counts: Record<LagStep, number[]> }[]>;
  /** The canary came through: per partition, when and how fast; and since when none was missing at the receiver. */
  canary: (partition: number, at: Date, ms: number) => Promise<void>;
  canaries: () => Promise<Canary[]>;
  /** Notifications of these watches have come; the newest counts, whatever the order. */
  heard: (heard: readonly Heard[]) => Promise<void>;
  lastHeard: (integrationId: string) => Promise<Heard[]>;
};

/** The last notification that came for a watch, by its resource at Graph (`/users`, `/groups/{id}`). */
export type Heard = { integrationId: string; resource: string; receivedAt: string };

export type Canary = { partition: number; at: string; ms: number; since: string };

export type TokenCachesStore = {
  get: (integrationId: string) => Promise<TokenCacheRecord | null>;
  /** A new consent, in place of whatever was there. */
  put: (record: TokenCacheRecord) => Promise<void>;
  /** Answers false when the stored record's version is another: someone else refreshed, or consented anew. */
  replace: (record: TokenCacheRecord, version: string) => Promise<boolean>;
  remove: (integrationId: string) => Promise<void>;
};
export type PermissionTablesStore = {
  get: (integrationId: string) => Promise<PermissionTable | null>;
  save: (table: PermissionTable) => Promise<void>;
};
/** Each service writes its own row of an integration. */
export type TenantHealthStore = {
  save: (record: TenantHealth) => Promise<void>;
  ofIntegration: (integrationId: string) => Promise<TenantHealth[]>;
};

export type Store = AccessStores &
  ReconcilerStores & {
    users: UsersStore;
    mfa: MfaStore;
    groups: GroupsStore;
    integrations: IntegrationsStore;
    subscriptions: SubscriptionsStore;
    removals: RemovalsStore;
    announced: AnnouncedStore;
    leases: LeasesStore;
    lag: LagStore;
    tokenCaches: TokenCachesStore;
    tenantHealth: TenantHealthStore;
    permissionTables: PermissionTablesStore;
    /** Rejects with a retryable Failure `store.unavailable` when the server does not answer. */
    ping: () => Promise<void>;
    close: () => Promise<void>;
  };
