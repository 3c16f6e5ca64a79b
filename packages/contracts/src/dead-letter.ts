import { z } from 'zod';
import { instant } from './ids.js';

/** Value of `dead-letters`: a message that can never be handled, whole, with its reason. Key of the origin. */
export const deadLetter = z.object({
  version: z.literal(1),
  origin: z.object({
    topic: z.string(),
    partition: z.int().nonnegative(),
    /** Kafka offsets are 64 bit, so text. */
    offset: z.string(),
    key: z.string().nullable(),
  }),
  reason: z.object({ code: z.string(), message: z.string() }),
  /** The message's bytes, base64; null for a tombstone. */
  value: z.base64().nullable(),
  /** How many bytes it had, where it was too large to be kept whole: `value` is its beginning. */
  cutFrom: z.int().positive().optional(),
  at: instant,
});
export type DeadLetter = z.infer<typeof deadLetter>;

/** Base64 and the envelope must fit into what a broker takes as one message. */
const MOST_BYTES = 600_000;

/** The fields of a dead letter that hold its message: whole, where a topic can hold that. */
export function toDeadValue(value: Uint8Array | null): Pick<DeadLetter, 'value' | 'cutFrom'> {
  if (value === null) return { value: null };
  const kept = Buffer.from(value.subarray(0, MOST_BYTES)).toString('base64');
  return { value: kept, ...(value.length > MOST_BYTES ? { cutFrom: value.length } : {}) };
}
