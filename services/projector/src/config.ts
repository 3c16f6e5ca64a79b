import { z } from 'zod';
import {
  checkKafka,
  cloudFields,
  commonFields,
  duration,
  kafkaFields,
  keyRing,
  mongoFields,
  removalFields,
} from '@muster/config';

const fields = z.object({
  ...commonFields(4003),
  ...kafkaFields(),
  ...mongoFields(),
  ...cloudFields(),
  ...removalFields(),
  SETTLE_AFTER: duration('10s').describe(
    'How long after notifications a sweep looks once more, at most one per tenant in this time; 0s = never.',
  ),
  PURGE_AFTER: duration('30d').describe(
    'Of people who are gone or out of scope, or whose integration was removed, only ids are kept after this.',
  ),
  DROP_AFTER: duration('90d').describe('People who are gone are forgotten after this.'),
  PURGE_EVERY: duration('1h').describe('How often is looked for people of whom only ids may be kept.'),
  BURST_PEOPLE: z.coerce
    .number()
    .int()
    .min(1)
    .default(60)
    .describe('More people of one tenant at a moment are left to one sweep in place of a read each.'),
  MUSTER_KEYS: keyRing().describe(
    'Keys that seal client secrets, newest first: base64, 32 bytes each, commas between.',
  ),
});
export const configSchema = fields.superRefine(checkKafka);
export type Config = z.infer<typeof configSchema>;
