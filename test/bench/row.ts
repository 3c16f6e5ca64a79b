import type { Options } from './options.js';
import type { Servers } from './servers.js';

/** What one row of docs/measurements.md says, with everything that it was computed from. */
export type Measured = {
  /** In words, as in "0.47 (p25 0.44)". */
  measured: string;
  /** Whether the goal is met; null where nothing is judged. */
  met: boolean | null;
  /** Raw samples, in the order in which they were taken. */
  samples: Readonly<Record<string, readonly unknown[]>>;
  /** What a reader must know to read the figure rightly. */
  notes?: readonly string[];
};
export type Row = {
  id: string;
  what: string;
  goal: string;
  /** Rejects with NotHere where it cannot be measured. */
  run: (context: Context) => Promise<Measured>;
  /** Given up after so long, so that one row never costs the others. Default 5; --limit-minutes overrides it. */
  limitMinutes?: number;
  /** Takes so long that `pnpm bench` leaves it out unless its id is given; the tiny form has it too. */
  onlyByName?: boolean;
};
export type Context = { options: Options; servers: Servers; say: (line: string) => void };

/** Cannot be measured here, and why. */
export class NotHere extends Error {
  override name = 'NotHere';
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
