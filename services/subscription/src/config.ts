import {
  checkKafka,
  cloudFields,
  commonFields,
  duration,
  httpsOrigin,
  kafkaFields,
  keyRing,
  mongoFields,
} from '@muster/config';
import { z } from 'zod';

/** Graph allows 41,760 min for users and groups; ten days less leaves room for clocks and outages. */
const LONGEST_LIFE_MS = 41_000 * 60_000;
const SHORTEST_LIFE_MS = 60_000;

const fields = z.object({
  ...commonFields(4002),
  ...kafkaFields(),
  ...mongoFields(),
  ...cloudFields(),
  MUSTER_KEYS: keyRing().describe('Keys that open sealed secrets: base64 of 32 bytes each, newest first.'),
  CLIENT_STATE_KEYS: keyRing().describe('Keys that sign clientState, newest first; the receiver has the same.'),
  PUBLIC_RECEIVER_URL: httpsOrigin().describe('https origin under which Graph reaches the receiver.'),
  SUBSCRIPTION_LIFETIME: duration('28d')
    .refine(
      (ms) => ms <= LONGEST_LIFE_MS && ms >= SHORTEST_LIFE_MS,
      'is not between 1m and 41,000 minutes (28d is fine)',
    )
    .describe('Life asked for a subscription; it is renewed at half of what Graph gives.'),
  CANARY_EVERY: duration('60s').describe('How often the canary flies through our part of the way.'),
  INVENTORY_EVERY: duration('15m').describe("How often our subscriptions are compared with Graph's list."),
});
export const configSchema = fields.superRefine(checkKafka);
export type Config = z.infer<typeof configSchema>;
