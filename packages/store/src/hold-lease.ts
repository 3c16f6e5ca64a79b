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
  let askedAt = performance.now();
  if (!(await leases.acquire(name, holder, forMs))) return false;
  const everyMs = forMs / 3;
  const lost = new AbortController();
  let ended = false;
  const lose = (): void =>
    lost.abort(new Failure('lease.lost', `The lease ${name} could not be kept.`, { retryable: true }));
  // Half a turn before the lease runs out, whether the store refuses meanwhile or does not answer at all.
  const toTimer = () => setTimeout(lose, Math.max(0, askedAt + forMs - everyMs / 2 - performance.now()));
  let expiry = toTimer();
  const renew = async (): Promise<void> => {
    const at = performance.now();
    const isOurs = await leases.acquire(name, holder, forMs);
    if (!isOurs) lose();
    if (ended || at < askedAt) return;
    askedAt = at;
    clearTimeout(expiry);
    expiry = toTimer();
  };
  // A store that fails is no loss yet: the lease runs on.
  const renewals = setInterval(() => void renew().catch(() => undefined), everyMs);
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    ended = true;
    clearInterval(renewals);
    clearTimeout(expiry);
    if (!lost.signal.aborted) await leases.release(name, holder).catch(() => undefined);
  }
  return true;
}
