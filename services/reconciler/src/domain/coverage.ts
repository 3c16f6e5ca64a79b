import type { CoverageState, SubscriptionRecord } from '@muster/contracts';

/** An interval is blind only when it is longer than sweeps usually lie apart. */
const LATE_FACTOR = 3;
const LEAST_LATE_MS = 10 * 60_000;
/** The canary comes every minute. */
const CANARY_SILENT_MS = 3 * 60_000;

export type CoverageFacts = {
  from: string;
  to: string;
  subscriptions: readonly Pick<SubscriptionRecord, 'entity' | 'status' | 'createdAt' | 'expiresAt'>[];
  /** When a canary came through, newest first or not; none ever = not known. */
  canaries: readonly { at: string }[];
  usersDeltaEvery: number;
};

/** What a sweep closed: the time since the one before it. */
export function toCoverage(facts: CoverageFacts): CoverageState {
  if (wereNotified(facts)) return 'covered';
  const lengthMs = Date.parse(facts.to) - Date.parse(facts.from);
  return lengthMs > Math.max(LEAST_LATE_MS, LATE_FACTOR * facts.usersDeltaEvery) ? 'blind' : 'by-sweep';
}

/** A subscription that lived all the time, and our own part of the way alive at its end. */
function wereNotified({ from, to, subscriptions, canaries }: CoverageFacts): boolean {
  const live = subscriptions.some(
    ({ entity, status, createdAt, expiresAt }) =>
      entity === 'user' &&
      status === 'live' &&
      createdAt !== null &&
      createdAt <= from &&
      expiresAt !== null &&
      expiresAt > to,
  );
  if (!live || canaries.length === 0) return live;
  const newest = Math.max(...canaries.map(({ at }) => Date.parse(at)));
  return Date.parse(to) - newest <= CANARY_SILENT_MS;
}
