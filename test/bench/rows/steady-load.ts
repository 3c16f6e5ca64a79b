import { setTimeout as sleep } from 'node:timers/promises';
import type { Pipeline, Tenant } from './pipeline.js';

export type Steady = {
  perSecond: number;
  seconds: number;
  /** Whose notification is sent next. */
  next: (index: number) => { userId: string; tenant?: Tenant };
};

/** Notifications at a steady rate; answers when each person's was sent, ms since epoch. */
export async function sendSteadily(
  { notify }: Pick<Pipeline, 'notify'>,
  { perSecond, seconds, next }: Steady,
): Promise<Map<string, number>> {
  const sentAt = new Map<string, number>();
  const begun = performance.now();
  const sending: Promise<void>[] = [];
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const early = begun + (index * 1_000) / perSecond - performance.now();
    if (early > 1) await sleep(early);
    const { userId, tenant } = next(index);
    sentAt.set(userId, Date.now());
    sending.push(notify([userId], tenant));
  }
  await Promise.all(sending);
  return sentAt;
}
