import { Failure } from '@muster/contracts';
import type { LeasesStore } from './store.js';

export type LeaseOptions = {
  leases: LeasesStore;
  name: string;
  holder: string;
  forMs: number;
  signal: AbortSignal;
};

/**
 * Works while this copy holds the lease, renewed at a third of its life. The work's signal tells that the lease was
 * lost or the service stops. Answers false, without working, when another copy holds it.
 */
export async function holdLease(options: LeaseOptions, work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  const { leases, name, holder, forMs, signal } = options;
  if (!(await leases.acquire(name, holder, forMs))) return false;
  const everyMs = forMs / 3;
  const lost = new AbortController();
  let sureUntil = performance.now() + forMs;
  const lose = (): void =>
    lost.abort(new Failure('lease.lost', `The lease ${name} could not be kept.`, { retryable: true }));
  const renew = async (): Promise<void> => {
    const askedAt = performance.now();
    try {
      if (await leases.acquire(name, holder, forMs)) sureUntil = askedAt + forMs;
      else lose();
    } catch {
      // A store that does not answer is no loss yet: the lease runs until then. The next renewal would be too late.
      if (performance.now() + everyMs >= sureUntil) lose();
    }
  };
  const timer = setInterval(() => void renew(), everyMs);
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    clearInterval(timer);
    if (!lost.signal.aborted) await leases.release(name, holder).catch(() => undefined);
  }
  return true;
}
