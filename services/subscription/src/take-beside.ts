import { setTimeout as sleep } from 'node:timers/promises';
import { isFailure } from '@muster/contracts';
import type { Logger } from '@muster/telemetry';

export type TakeBesideOptions = {
  /** How long who calls waits for one integration within a minute, ms. */
  patienceMs: number;
  /** Between two tries while another look holds the integration, ms. */
  busyPauseMs?: number;
  /** Tries end. */
  signal: AbortSignal;
  logger: Logger;
  /** Milliseconds since any fixed moment; never goes back. */
  elapsed?: () => number;
};
export type TakeBeside = {
  /**
   * Rejects with what the work rejected within the patience; what goes wrong later is logged. Works of one integration
   * run in their order.
   */
  take: (integrationId: string, work: () => Promise<void>) => Promise<void>;
  /** Resolves when nothing is under way. */
  idle: () => Promise<void>;
};

const WINDOW_MS = 60_000;
const BUSY_PAUSE_MS = 1_000;
/** Whoever holds an integration for so long has looked at everything since. */
const BUSY_LIMIT_MS = 5 * 60_000;

const isBusy = (error: unknown): boolean => isFailure(error) && error.code === 'lease.busy';

/**
 * Work for many integrations that comes in one line: a tenant that hangs, or is slow time and again, is left to itself after
 * a while, and what comes for it meanwhile at once, so that it keeps no other waiting.
 */
export function createTakeBeside(options: TakeBesideOptions): TakeBeside {
  const { patienceMs, busyPauseMs = BUSY_PAUSE_MS, signal, logger, elapsed = () => performance.now() } = options;
  /** The last work of each integration that was left to itself. */
  const left = new Map<string, Promise<void>>();
  const spent = new Map<string, { since: number; ms: number }>();

  const tryOut = async (work: () => Promise<void>): Promise<void> => {
    const until = performance.now() + BUSY_LIMIT_MS;
    for (;;)
      try {
        await work();
        return;
      } catch (error) {
        if (!isBusy(error) || signal.aborted || performance.now() >= until) throw error;
        await sleep(busyPauseMs, undefined, { signal }).catch(() => undefined);
      }
  };
  const leave = (integrationId: string, work: Promise<void>): void => {
    const rest = work
      .catch((error: unknown) => logger.error({ err: error, integrationId }, 'lifecycle event not taken'))
      .finally(() => {
        if (left.get(integrationId) === rest) left.delete(integrationId);
      });
    left.set(integrationId, rest);
  };

  const patienceFor = (integrationId: string): number => {
    const waited = spent.get(integrationId);
    if (waited && elapsed() - waited.since >= WINDOW_MS) spent.delete(integrationId);
    return patienceMs - (spent.get(integrationId)?.ms ?? 0);
  };
  const spend = (integrationId: string, began: number): void => {
    const { since, ms } = spent.get(integrationId) ?? { since: began, ms: 0 };
    spent.set(integrationId, { since, ms: ms + elapsed() - began });
  };

  return {
    async take(integrationId, work) {
      const before = left.get(integrationId);
      if (before) {
        leave(
          integrationId,
          before.then(() => tryOut(work)),
        );
        return;
      }
      const waitMs = patienceFor(integrationId);
      const began = elapsed();
      const trying = tryOut(work);
      if (waitMs <= 0) {
        leave(integrationId, trying);
        return;
      }
      const patience = new AbortController();
      const late = sleep(waitMs, true, { signal: patience.signal }).catch(() => false);
      const isLate = await Promise.race([trying.then(() => false), late]).finally(() => {
        patience.abort();
        spend(integrationId, began);
      });
      if (isLate) leave(integrationId, trying);
    },
    idle: async () => {
      while (left.size > 0) await Promise.all(left.values());
    },
  };
}
