/** Chance that a seed repeats. */
export type Random = {
  /** From 0 up to 1. */
  readonly next: () => number;
  readonly between: (least: number, most: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  readonly shuffle: <T>(list: readonly T[]) => T[];
};

/** mulberry32 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    between: (least, most) => Math.round(least + next() * (most - least)),
    pick: (list) => list[below(list.length)]!,
    shuffle: (list) => {
      const left = [...list];
      const shuffled: typeof left = [];
      while (left.length > 0) shuffled.push(...left.splice(below(left.length), 1));
      return shuffled;
    },
  };
}

/** Whatever is drawn between two figures lies near the lesser one: faults that last about as short as they may. */
export const toBrief = (random: Random): Random => ({
  ...random,
  between: (least, most) => random.between(least, least + (most - least) / 5),
});
