import type { Lifetimes } from '../settings.js';

const MINUTE = 60_000;

/**
 * When reauthorizationRequired is due next (contract 4): with x = a quarter of the life that is left, at once when
 * 60 < x <= 180 minutes and again at half of it; below that every 15 minutes. All of it is shortened with a life of
 * the delivery token below an hour, which is about what Microsoft gives it.
 */
export const challengeTime = (
  { expiresAt, tokenExpiresAt }: { expiresAt: number; tokenExpiresAt: number },
  now: number,
  { deliveryToken }: Pick<Lifetimes, 'deliveryToken'>,
): number => {
  const minute = MINUTE * Math.min(1, deliveryToken / (60 * MINUTE));
  const left = Math.max(0, Math.min(expiresAt, tokenExpiresAt) - now);
  const quarter = left / 4 / minute;
  if (quarter > 180) return now + left - 4 * 180 * minute;
  if (quarter > 60) return now + left / 2;
  return now + 15 * minute;
};
