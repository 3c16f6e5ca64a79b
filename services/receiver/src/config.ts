import { z } from 'zod';
import { commonFields, kafkaFields, keyRing } from '@muster/config';

export const configSchema = z.object({
  ...commonFields(4001),
  ...kafkaFields(),
  CLIENT_STATE_KEYS: keyRing().describe(
    'Keys that sign clientState, newest first: base64, 32 bytes each, commas between.',
  ),
});
export type Config = z.infer<typeof configSchema>;
