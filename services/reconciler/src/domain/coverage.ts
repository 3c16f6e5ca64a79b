import { CANARY_SILENT_MS, type CoverageState, type SubscriptionRecord } from '@muster/contracts';

/** An interval is blind only when it is longer than sweeps usually lie apart. */
const LATE_FACTOR = 3;
const LEAST_LATE_MS = 10 * 60_000;

export type CoverageFacts = {
  from: string;
  to: string;
  subscriptions: readonly Pick<SubscriptionRecord, 'entity' | 'status' | 'createdAt' | 'expiresAt' | 'deliversSince'>[];
  /** By partition: when the newest canary came through, and since when none was missing; none ever = not known. */
  canaries: readonly { at: string; since: string }[];
  usersDeltaEvery: number;
  /** When the integration was last started again after a pause; null: it never was. */
  resumedAt: string | null;
  /** A sweep failed in between, so that the tenant could not be read for a while: what notifications named neither. */
  failed: boolean;
};

/** What a sweep closed: the time since the one before it. */
export function toCoverage(facts: CoverageFacts): CoverageState {
  if (wasReadable(facts) && wereNotified(facts)) return 'covered';
  const lengthMs = Date.parse(facts.to) - Date.parse(facts.from);
  return lengthMs > Math.max(LEAST_LATE_MS, LATE_FACTOR * facts.usersDeltaEvery) ? 'blind' : 'by-sweep';
}

/** Whoever sweeps is not paused, so a pause in between ended in between. */
const wasReadable = ({ from, resumedAt, failed }: CoverageFacts): boolean =>
  !failed && (resumedAt === null || resumedAt <= from);

/** A subscription that delivered all the time, and our own part of the way alive from the beginning to the end. */
function wereNotified({ from, to, subscriptions, canaries }: CoverageFacts): boolean {
  const live = subscriptions.some(({ entity, status, expiresAt, ...subscription }) => {
    const since = deliveredSince(subscription);
    return (
      entity === 'user' && status === 'live' && since !== null && since <= from && expiresAt !== null && expiresAt > to
    );
  });
  if (!live || canaries.length === 0) return live;
  return canaries.some(({ at, since }) => since <= from && Date.parse(to) - Date.parse(at) <= CANARY_SILENT_MS);
}

type Delivering = Pick<SubscriptionRecord, 'createdAt' | 'deliversSince'>;

const deliveredSince = ({ createdAt, deliversSince }: Delivering): string | null =>
  deliversSince === undefined ? createdAt : deliversSince;
