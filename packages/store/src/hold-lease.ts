import { randomUUID } from 'node:crypto';
import { Failure } from '@muster/contracts';
import type { LeasesStore } from './store.js';

export type LeaseOptions = {
  leases: LeasesStore;
  name: string;
  holder: string;
  forMs: number;
  signal: AbortSignal;
};

/** Of a lease's life: when it is renewed, and from when on it counts as lost, so that the work can stop before another copy begins. */
const RENEW_EVERY = 1 / 4;
const LOST_AFTER = 2 / 3;

/**
 * Works while this copy holds the lease, renewed at each quarter of its life. The work's signal tells that the service stops or
 * that the lease was lost: another copy has it, or no renewal was answered for two thirds of its life, so that the last third is
 * left to stop in. Answers false, without working, when another copy holds it.
 */
export async function holdLease(options: LeaseOptions, work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  const { leases, name, forMs, signal } = options;
  // What a renewal of this hold is answered late must not touch the next one of the same copy.
  const holder = `${options.holder}/${randomUUID()}`;
  const release = (): Promise<void> => releaseInTheEnd(leases, { name, holder, forMs });
  let askedAt = performance.now();
  const isFree = await leases.acquire(name, holder, forMs).catch((error: unknown) => {
    // It may be ours all the same.
    void release();
    throw error;
  });
  if (!isFree) return false;
  const lost = new AbortController();
  let [isOurs, ended] = [true, false];
  const lose = (): void =>
    lost.abort(new Failure('lease.lost', `The lease ${name} could not be kept.`, { retryable: true }));
  // Whether the store refuses meanwhile or does not answer at all.
  const toExpiry = () => setTimeout(lose, Math.max(0, askedAt + forMs * LOST_AFTER - performance.now()));
  let expiry = toExpiry();
  const renew = async (): Promise<void> => {
    const at = performance.now();
    isOurs = await leases.acquire(name, holder, forMs);
    if (!isOurs) lose();
    // Answered too late for the work, it must not keep others out.
    if (ended) return isOurs ? release() : undefined;
    if (at < askedAt) return;
    askedAt = at;
    clearTimeout(expiry);
    expiry = toExpiry();
  };
  // A store that fails is no loss yet: the lease runs on.
  const renewals = setInterval(() => void renew().catch(() => undefined), forMs * RENEW_EVERY);
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    ended = true;
    clearInterval(renewals);
    clearTimeout(expiry);
    const released = isOurs ? release() : undefined;
    // A store that does not answer now either must not be waited for.
    if (!lost.signal.aborted) await released;
  }
  return true;
}

const AGAIN_MS = 1_000;

/** Nobody else has this holder, so what is not released keeps everybody out for its whole life. Settles with the first try. */
async function releaseInTheEnd(
  leases: LeasesStore,
  { name, holder, forMs }: Pick<LeaseOptions, 'name' | 'holder' | 'forMs'>,
): Promise<void> {
  const until = performance.now() + forMs;
  const tryOnce = (): Promise<void> =>
    leases.release(name, holder).catch(() => {
      if (performance.now() < until) setTimeout(() => void tryOnce(), AGAIN_MS).unref();
    });
  await tryOnce();
}
