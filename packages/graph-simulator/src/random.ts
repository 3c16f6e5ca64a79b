/** A seeded source of chance: the same seed gives the same sequence. Not for secrets of real systems. */
export type Random = {
  /** In [0, 1). */
  readonly next: () => number;
  /** In 0 … bound - 1. */
  readonly below: (bound: number) => number;
  readonly chance: (share: number) => boolean;
  readonly pick: <T>(list: readonly [T, ...T[]]) => T;
  readonly guid: () => string;
  readonly text: (length: number) => string;
};

// xmur3 spreads a text over 32-bit words; sfc32 is the generator (both public domain, by bryc).
const spread = (text: string) => {
  let hash = 1779033703 ^ text.length;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 3432918353);
    hash = (hash << 13) | (hash >>> 19);
  }
  return () => {
    hash = Math.imul(hash ^ (hash >>> 16), 2246822507);
    hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
    return (hash ^= hash >>> 16) >>> 0;
  };
};

const createWords = (seed: string): (() => number) => {
  const word = spread(seed);
  let [a, b, c, d] = [word(), word(), word(), word()];
  return () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
};

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';

export const createRandom = (seed: string): Random => {
  const word = createWords(seed);
  for (let warmUp = 0; warmUp < 16; warmUp += 1) word();
  const next = () => word() / 2 ** 32;
  const below = (bound: number) => Math.floor(next() * bound);
  const hex = () => word().toString(16).padStart(8, '0');
  return {
    next,
    below,
    chance: (share) => next() < share,
    pick: (list) => list[below(list.length)] ?? list[0],
    guid: () => {
      const digits = hex() + hex() + hex() + hex();
      const variant = '89ab'.charAt(below(4));
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
    },
    text: (length) => Array.from({ length }, () => LETTERS.charAt(below(LETTERS.length))).join(''),
  };
};
