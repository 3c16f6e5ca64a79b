import { z } from 'zod';
import { cloudFields, commonFields, kafkaFields, keyRing, mongoFields, removalFields } from '@muster/config';

export const configSchema = z.object({
  ...commonFields(4003),
  ...kafkaFields(),
  ...mongoFields(),
  ...cloudFields(),
  ...removalFields(),
  MUSTER_KEYS: keyRing().describe(
    'Keys that seal client secrets, newest first: base64, 32 bytes each, commas between.',
  ),
});
export type Config = z.infer<typeof configSchema>;
