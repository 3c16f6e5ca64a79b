import type { Observation } from '@muster/contracts';

export type Source = Observation['source'];

/** Kept between projections beside the document; see the store's UserFacts. */
export type Membership = { inGroup: boolean; groupPath: string[] };

/** Two reads that began in the same millisecond and disagree: the greater text wins, so that any order gives the same. */
export const outranks = (candidate: unknown, present: unknown): boolean =>
  JSON.stringify(candidate) > JSON.stringify(present);

export const later = (left: string, right: string): string => (left > right ? left : right);

const isEqual = (left: unknown, right: unknown): boolean =>
  left === right || JSON.stringify(left) === JSON.stringify(right);

/** Names of the fields whose values differ. */
export const changedFields = <T extends object>(before: T, after: T, names: readonly (keyof T & string)[]): string[] =>
  names.filter((name) => !isEqual(before[name], after[name]));
