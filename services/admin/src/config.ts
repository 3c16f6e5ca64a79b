import { z } from 'zod';
import { commonFields, httpsOrigin, kafkaFields, keyRing, mongoFields, secretText, webOrigin } from '@muster/config';

export const configSchema = z.object({
  ...commonFields(4000),
  ...kafkaFields(),
  ...mongoFields(),
  GRAPH_URL: httpsOrigin()
    .optional()
    .describe('Graph origin for integrations whose cloud is custom; when set, custom is what new ones get.'),
  LOGIN_URL: httpsOrigin().optional().describe('Sign-in origin for integrations whose cloud is custom.'),
  PUBLIC_ADMIN_URL: webOrigin()
    .default('http://localhost:4000')
    .describe('Origin under which browsers reach admin; https makes the session cookie Secure.'),
  MUSTER_KEYS: keyRing().describe('Keys that seal client secrets, newest first, 32 bytes base64, commas between.'),
  MUSTER_BOOTSTRAP_KEY: secretText()
    .optional()
    .describe("The operator's first API key; may go once POST /api/v1/keys has made another."),
  TRUSTED_PROXIES: z
    .string()
    .optional()
    .transform((text) => text?.split(',').map((proxy) => proxy.trim()) ?? [])
    .describe('Addresses or subnets of the proxies in front, commas between; their X-Forwarded-For is believed.'),
});
export type Config = z.infer<typeof configSchema>;
