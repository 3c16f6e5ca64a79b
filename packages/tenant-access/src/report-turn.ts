import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@muster/contracts';
import { REPORT_LIMIT, type ReportTurn } from '@muster/graph-client';
import type { LeasesStore } from '@muster/store';

export type TurnOptions = {
  /** Names the bucket: app and tenant. */
  name: string;
  leases: Pick<LeasesStore, 'acquire'>;
  holder: string;
  /** Milliseconds that never go back. */
  now?: () => number;
  wait?: (ms: number) => Promise<unknown>;
};

const LOOK_AGAIN_MS = 200;
/** Others come to their turn between two of single rows. */
const REST_MS = 1_000;

/**
 * Turns at the MFA report, whose few calls all services share: a lease that lasts, from each call, as long as Graph
 * counts the call. A full read waits for its turn and then has the report to itself; a single row is not worth waiting
 * for: it rejects with `graph.throttled`, and the next report brings it.
 */
export function createReportTurn({ name, leases, holder, now = monotonic, wait = sleep }: TurnOptions): ReportTurn {
  let begunAt = Number.NEGATIVE_INFINITY;
  let endsAt = Number.NEGATIVE_INFINITY;
  const acquire = async (): Promise<boolean> => {
    const at = now();
    if (!(await leases.acquire(`report/${name}`, holder, REPORT_LIMIT.perMs))) return false;
    if (at >= endsAt) begunAt = at;
    endsAt = now() + REPORT_LIMIT.perMs;
    return true;
  };
  return async (lane) => {
    if (lane === 'events') {
      const at = now();
      const isLong = at < endsAt && at - begunAt >= REPORT_LIMIT.perMs;
      const isResting = at >= endsAt && at < endsAt + REST_MS;
      if (isLong || isResting || !(await acquire())) throw notOurTurn();
      return;
    }
    while (!(await acquire())) await wait(LOOK_AGAIN_MS);
  };
}

const monotonic = (): number => performance.now();

const notOurTurn = (): Failure =>
  new Failure('graph.throttled', 'The MFA report is being read by another; the next full read brings this row.', {
    retryable: true,
    retryAfterMs: REPORT_LIMIT.perMs,
    details: { ours: true },
  });
