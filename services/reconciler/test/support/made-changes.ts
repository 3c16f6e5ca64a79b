import { z } from 'zod';

/** `turn`: people of earlier turns have changed; those of this one change from `startAt` on, ms since epoch. */
const changes = z.object({
  turns: z.number(),
  turn: z.number(),
  each: z.number(),
  perSecond: z.number(),
  startAt: z.number(),
});

/**
 * Who of a made tenant has changed at a time. Everybody has a place: index = place * turns + turn, so that those of each
 * turn are spread over all pages; the first `each` of a turn change, one after the other.
 */
export function toChanges(json: string): (userId: string, at: number) => boolean {
  if (json === '') return () => false;
  const { turns, turn, each, perSecond, startAt } = changes.parse(JSON.parse(json));
  return (userId, at) => {
    const index = Number.parseInt(userId.slice(-12), 16);
    const [ofTurn, place] = [index % turns, Math.floor(index / turns)];
    if (place >= each || ofTurn > turn) return false;
    return ofTurn < turn || at >= startAt + (place * 1_000) / perSecond;
  };
}
