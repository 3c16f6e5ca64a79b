export type DropReason = 'fault' | 'expired' | 'gone' | 'dropState';

/** What became of one notification. Times in ms since 1970. */
export type LedgerEntry = {
  readonly sequence: number;
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly changedAt: number;
  readonly entity: 'user' | 'group' | 'subscription';
  readonly entityId: string;
  sentAt: number | null;
  ackedAt: number | null;
  /** Last HTTP status; 0: no answer. */
  status: number | null;
  attempts: number;
  /** Why it was given up, and when; null while it is not. */
  dropped: DropReason | null;
  droppedAt: number | null;
};

type Opened = Pick<LedgerEntry, 'subscriptionId' | 'tenantId' | 'changedAt' | 'entity' | 'entityId'>;
/** What an entry had come to before a restart. */
export type EntryProgress = Partial<Pick<LedgerEntry, 'sentAt' | 'status' | 'attempts'>>;

export type Ledger = {
  readonly open: (entry: Opened & EntryProgress) => LedgerEntry;
  /** Entries with a higher sequence, oldest first. */
  readonly since: (sequence: number, limit: number) => readonly LedgerEntry[];
};

const KEPT = 200_000;

export const createLedger = (): Ledger => {
  let entries: LedgerEntry[] = [];
  let sequence = 0;
  return {
    open: (entry) => {
      sequence += 1;
      const opened: LedgerEntry = {
        sentAt: null,
        status: null,
        attempts: 0,
        ...entry,
        sequence,
        ackedAt: null,
        dropped: null,
        droppedAt: null,
      };
      entries.push(opened);
      if (entries.length > KEPT * 1.1) entries = entries.slice(-KEPT);
      return opened;
    },
    since: (after, limit) => {
      const first = entries[0]?.sequence ?? 1;
      const start = Math.max(0, after + 1 - first);
      return entries.slice(start, start + limit);
    },
  };
};

export const dropEntry = (entry: LedgerEntry, reason: DropReason, at: number): void => {
  entry.dropped = reason;
  entry.droppedAt = at;
};
