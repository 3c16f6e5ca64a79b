import type { Fault, GraphIllness } from './fault.js';
import { createRandom, type Random } from './random.js';

export type Strike = {
  readonly fault: Fault;
  /** What Graph does meanwhile, on top; null = nothing. */
  readonly onTop: GraphIllness | null;
  /** Of this strike alone: how often it draws depends on what it meets, and the schedule stays as its seed says. */
  readonly random: Random;
};

export type StrikeKinds = {
  readonly faults: readonly Fault[];
  /** Of these, what Graph may do to meanwhile. */
  readonly beneath: ReadonlySet<Fault>;
  readonly illnesses: readonly GraphIllness[];
};

const SHARE_ON_TOP = 1 / 3;
const SEEDS = 2 ** 32;

/** Every row once in a random order, then again in another: after a long run all have struck about equally often. */
export function* planStrikes(seed: number, { faults, beneath, illnesses }: StrikeKinds): Generator<Strike> {
  const random = createRandom(seed);
  for (;;)
    for (const fault of random.shuffle(faults)) {
      const [chance, illness, own] = [random.next(), random.pick(illnesses), random.next()];
      const onTop = beneath.has(fault) && chance < SHARE_ON_TOP ? illness : null;
      yield { fault, onTop, random: createRandom(own * SEEDS) };
    }
}
