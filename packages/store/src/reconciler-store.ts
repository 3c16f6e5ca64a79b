import type {
  CursorKind,
  CursorRecord,
  PersonRead,
  PlanRecord,
  PlanState,
  PlanSummary,
  RemovalCandidate,
  SnapshotKind,
  SnapshotRecord,
  SweepRecord,
} from '@muster/contracts';

/** The part of the port to MongoDB that says how full reads and sweeps went: the reconciler is its only writer, but for `projected`. */

export type ReconcilerStores = {
  snapshots: SnapshotsStore;
  cursors: CursorsStore;
  plans: PlansStore;
  coverage: CoverageStore;
  personReads: PersonReadsStore;
};

export type SnapshotsStore = {
  insert: (record: SnapshotRecord) => Promise<void>;
  update: (snapshotId: string, fields: Partial<Omit<SnapshotRecord, 'snapshotId' | 'projected'>>) => Promise<void>;
  /** The projector reached the end mark of this partition. */
  projected: (snapshotId: string, partition: number, at: string) => Promise<void>;
  get: (snapshotId: string) => Promise<SnapshotRecord | null>;
  /** Newest first; `of.kind`: only these, `of.before`: those older than this one. */
  newest: (
    integrationId: string,
    limit: number,
    of?: { kind?: SnapshotKind; before?: Pick<SnapshotRecord, 'startedAt' | 'snapshotId'> },
  ) => Promise<SnapshotRecord[]>;
  /** Newest of this kind in one of these states. */
  last: (
    integrationId: string,
    kind: SnapshotKind,
    states: readonly SnapshotRecord['state'][],
  ) => Promise<SnapshotRecord | null>;
  /** Drops reads that ended and began before; never the newest complete one of a kind. Answers how many. */
  clear: (integrationId: string, before: string, limit: number) => Promise<number>;
};

export type CursorsStore = {
  get: (integrationId: string, kind: CursorKind) => Promise<CursorRecord | null>;
  /** Those that are there. */
  ofIntegration: (integrationId: string) => Promise<CursorRecord[]>;
  all: () => Promise<CursorRecord[]>;
  /** Answers false when someone else saved in between: `revision` is one more than that of the record that was read. */
  save: (record: CursorRecord) => Promise<boolean>;
};

export type PlansStore = {
  get: (planId: string) => Promise<PlanRecord | null>;
  /** Newest first, with all their people. */
  list: (filter: PlansFilter) => Promise<PlanRecord[]>;
  /** The same without them: how many are in each state. */
  summaries: (filter: PlansFilter) => Promise<PlanSummary[]>;
  count: (filter: PlanScope & { state: PlanState }) => Promise<number>;
  /** Which of these people the plans of one scope name, and what became of each there; newest plan first. */
  named: (
    filter: PlanScope & { states: readonly PlanState[]; userIds: readonly string[] },
  ) => Promise<NamedCandidate[]>;
  /** The same without the candidates, of whom there may be 50,000. */
  heads: (states: readonly PlanState[]) => Promise<PlanHead[]>;
  /**
   * Answers false when the plan is another by now than the one that was read, whose `updatedAt` is `before`; null = none was
   * there. Without it whatever is there is replaced.
   */
  save: (record: PlanRecord, before?: string | null) => Promise<boolean>;
  /** Drops plans that were done before; answers how many. */
  clear: (integrationId: string, before: string, limit: number) => Promise<number>;
};

/** `before`: those older than this one. */
export type PlansFilter = {
  integrationIds?: readonly string[];
  groupId?: string | null;
  states?: readonly PlanState[];
  updatedSince?: string;
  limit: number;
  before?: Pick<PlanRecord, 'createdAt' | 'planId'>;
};

/** Plans count only for the group that was chosen when they were made. */
export type PlanScope = Pick<PlanRecord, 'integrationId' | 'groupId'>;
export type NamedCandidate = { planId: string } & Pick<RemovalCandidate, 'userId' | 'state' | 'why'>;
export type PlanHead = Pick<PlanRecord, 'planId' | 'integrationId' | 'groupId' | 'state' | 'updatedAt'>;

/** What was read of single people because somebody asked; kept for a day. */
export type PersonReadsStore = {
  get: (tenantId: string, userId: string) => Promise<PersonRead | null>;
  save: (record: PersonRead) => Promise<void>;
};

/** Sweeps, kept for 90 days. */
export type CoverageStore = {
  /** In place of the record with the same `sweepId`, if there is one. */
  save: (record: SweepRecord) => Promise<void>;
  /** Whose interval ended since, or which read on until then, oldest first; without the suspects. */
  since: (integrationId: string, since: string) => Promise<Omit<SweepRecord, 'suspects'>[]>;
  /** The oldest 100 that are to be judged, of those whose interval ended later than `after`. */
  unjudged: (integrationId: string, after?: string) => Promise<SweepRecord[]>;
  /** The one whose interval ended at that time, while it is to be judged. */
  unjudgedUntil: (integrationId: string, to: string) => Promise<SweepRecord | null>;
};
