/** Wait before the next attempt in ms: doubles from `base` up to `cap`; `chance` in [0, 1) takes off up to a fifth. */
export const backOff = (
  attempts: number,
  { base, cap, chance }: { base: number; cap: number; chance: number },
): number => Math.round(Math.min(cap, base * 2 ** Math.max(0, attempts - 1)) * (1 - chance / 5));
