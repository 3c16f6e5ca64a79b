import { z } from 'zod';
import { checkKafka, commonFields, kafkaFields, keyRing } from '@muster/config';

const fields = z.object({
  ...commonFields(4001),
  ...kafkaFields(),
  CLIENT_STATE_KEYS: keyRing().describe(
    'Keys that sign clientState, newest first: base64, 32 bytes each, commas between.',
  ),
});
export const configSchema = fields.superRefine(checkKafka);
export type Config = z.infer<typeof configSchema>;
