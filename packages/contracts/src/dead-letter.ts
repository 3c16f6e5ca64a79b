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
  at: instant,
});
export type DeadLetter = z.infer<typeof deadLetter>;
