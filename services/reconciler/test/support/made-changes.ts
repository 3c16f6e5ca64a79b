import { z } from 'zod';

/** `turn`: people of earlier turns have changed; those of this one change from `startAt` on, ms since epoch. */
const changes = z.object({
  turns: z.number(),
  turn: z.number(),
  people: z.number(),
  each: z.number(),
  perSecond: z.number(),
  startAt: z.number(),
});

/** Has no divisor in common with the people of a turn, unless they are a multiple of it. */
const STEP = 7_919;

/**
 * Who of a made tenant has changed at a time: the first `each` of a turn, one after the other, in an order that is spread
 * over all pages (as the bench has it: `toIndex` of `beside-reads.ts`).
 */
export function toChanges(json: string): (userId: string, at: number) => boolean {
  if (json === '') return () => false;
  const { turns, turn, people, each, perSecond, startAt } = changes.parse(JSON.parse(json));
  const ofTurn = Math.floor(people / turns);
  const places = new Map(Array.from({ length: each }, (_, place) => [(place * STEP) % ofTurn, place]));
  return (userId, at) => {
    const index = Number.parseInt(userId.slice(-12), 16);
    const place = places.get(Math.floor(index / turns));
    if (place === undefined || index % turns > turn) return false;
    return index % turns < turn || at >= startAt + (place * 1_000) / perSecond;
  };
}
