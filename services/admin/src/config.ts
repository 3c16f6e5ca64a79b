import { z } from 'zod';
import {
  Secret,
  checkKafka,
  commonFields,
  duration,
  httpsOrigin,
  kafkaFields,
  keyRing,
  mongoFields,
  secretText,
  webOrigin,
} from '@muster/config';
import { isPasswordHash } from '@muster/contracts';

const fields = z.object({
  ...commonFields(4000),
  ...kafkaFields(),
  ...mongoFields(),
  GRAPH_URL: httpsOrigin()
    .optional()
    .describe('Graph origin for integrations whose cloud is custom; when set, custom is what new ones get.'),
  LOGIN_URL: httpsOrigin().optional().describe('Sign-in origin for integrations whose cloud is custom.'),
  PUBLIC_ADMIN_URL: webOrigin()
    .default('http://localhost:4000')
    .describe(
      'Origin under which browsers reach admin: https, or http on localhost, where the session cookie is not Secure.',
    ),
  PUBLIC_RECEIVER_URL: httpsOrigin()
    .optional()
    .describe('https origin under which Graph reaches the receiver; with it probes try a real subscription.'),
  MUSTER_KEYS: keyRing().describe('Keys that seal client secrets, newest first, 32 bytes base64, commas between.'),
  MUSTER_BOOTSTRAP_KEY: secretText()
    .optional()
    .describe("The operator's first API key; may go once POST /api/v1/keys has made another."),
  BREAK_GLASS_HASH: z
    .string()
    .refine(isPasswordHash, 'is not a line that "pnpm muster break-glass" made')
    .transform((text) => new Secret(text))
    .optional()
    .describe('Hash of the password with which an operator signs in when Microsoft is away.'),
  OPERATORS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
    )
    .refine(
      (names) => names.every((name) => /^[0-9a-f-]{36}\/(group:[0-9a-f-]{36}|(?!group:)[^\s/]+)$/i.test(name)),
      'is not a list like 11111111-1111-1111-1111-111111111111/ada@example.org',
    )
    // What people are called stays out of the line that tells the config.
    .transform((names) => new Secret<readonly string[]>(names, `[${names.length} named]`))
    .describe(
      'Who operates all integrations: tenant id, slash, object id or user principal name, or group: and the object id of a group; commas.',
    ),
  USERS_EVERY: duration('24h').describe("The reconciler's, so that a late full read is noticed."),
  MFA_EVERY: duration('1h').describe("The reconciler's, for the same reason."),
  ALERT_PRIVATE_HOSTS: z
    .string()
    .default('')
    .transform((hosts) =>
      hosts
        .split(',')
        .map((host) => host.trim().toLowerCase())
        .filter(Boolean),
    )
    .describe('Hosts in a private network that the webhook and the mail server of alerts may name; commas between.'),
  RUNBOOK_URL: z
    .string()
    .optional()
    .describe('Where docs/runbook.md can be read, when not at admin itself (/runbook); alerts link to its headings.'),
  SESSION_IDLE: duration('1h').describe('A session that is not used for so long ends.'),
  SESSION_LIFE: duration('12h').describe('A session ends then, whatever happens in it.'),
  HISTORY_KEEP: duration('30d').describe('How long the changes of each person are kept to be looked at.'),
  TRUSTED_PROXIES: z
    .string()
    .optional()
    .transform((text) => text?.split(',').map((proxy) => proxy.trim()) ?? [])
    .describe('Addresses or subnets of the proxies in front, commas between; their X-Forwarded-For is believed.'),
});
export const configSchema = fields.superRefine(checkKafka);
export type Config = z.infer<typeof configSchema>;
