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
import { z } from 'zod';

const fields = z.object({
  ...commonFields(4004),
  ...kafkaFields(),
  ...mongoFields(),
  ...cloudFields(),
  MUSTER_KEYS: keyRing().describe('Keys that open sealed secrets: base64 of 32 bytes each, newest first.'),
  USERS_EVERY: duration('24h').describe('How often all users are read.'),
  USERS_SECOND_READ: duration('15m').describe('How long after the first load the users are read a second time.'),
  MFA_EVERY: duration('1h').describe('How often the whole MFA report is read.'),
  USERS_DELTA_EVERY: duration('3m').describe('How often the changes of people are followed by delta.'),
  GROUP_DELTA_EVERY: duration('15s').describe('How often the changes of the chosen group are followed by delta.'),
  LOST_AFTER: duration('2m').describe('A notification that comes later than this counts as lost.'),
  ...removalFields(),
  SWEEP_MIN_INTERVAL: duration('10s').describe('Requested reads and sweeps of one tenant begin at most this often.'),
});
export const configSchema = fields.superRefine(checkKafka);
export type Config = z.infer<typeof configSchema>;
