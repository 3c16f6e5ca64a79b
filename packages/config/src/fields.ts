import { z } from 'zod';
import { Secret } from './secret.js';

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Each field takes the text of one environment variable; `describe()` is what `.env.example` says of it. */
export const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, 'is not a port; write a number from 0 to 65535')
    .default(String(fallback))
    .transform(Number)
    .refine((value) => value <= 65_535, 'is not a port; write a number from 0 to 65535');

/** `15s`, `3m`, `1h`, `250ms`, `1d` → milliseconds. */
export const duration = (fallback: string) =>
  z
    .string()
    .regex(/^\d+(ms|s|m|h|d)$/, 'is not a duration; write a number and a unit: 250ms, 15s, 3m, 1h or 1d')
    .default(fallback)
    .transform((text) => {
      const [, amount = '0', unit = 'ms'] = /^(\d+)(\w+)$/.exec(text) ?? [];
      return Number(amount) * (UNITS[unit] ?? 1);
    });

/** An origin without path, query or trailing slash. */
const origin = (protocols: readonly string[]) =>
  z.string().transform((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (!url || !protocols.includes(url.protocol) || url.pathname !== '/' || url.search !== '' || url.username !== '') {
      const example = `${protocols[0] ?? 'https:'}//host:port`;
      context.addIssue({ code: 'custom', message: `is not an origin without a path, like ${example}` });
      return z.NEVER;
    }
    return url.origin;
  });
export const httpsOrigin = () => origin(['https:']);

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
/** For browsers: http only where nobody is on the way. */
export const webOrigin = () =>
  origin(['https:', 'http:']).refine((text) => {
    const { protocol, hostname } = new URL(text);
    return protocol === 'https:' || isLoopback(hostname);
  }, 'is http and not on this machine, where anybody on the way reads the session cookie; put a proxy with a certificate in front and write https://');

export const brokers = () =>
  z
    .string()
    .min(1, 'names no broker; write host:port, several with commas')
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .refine(
      (list) => list.every((broker) => /^[^\s:]+:\d+$/.test(broker)),
      'is not a list like kafka-1:9092,kafka-2:9092',
    );

export const mongodbUri = () =>
  z
    .string()
    .regex(/^mongodb(\+srv)?:\/\/[^/]+\/[^?/]+/, 'needs the form mongodb://host:port/database (with the database name)')
    .transform((text) => new Secret(text));

/** Comma list of base64 keys of 32 bytes, newest first. */
export const keyRing = () =>
  z.string().transform((text, context) => {
    const keys = text.split(',').map((part) => Buffer.from(part.trim(), 'base64'));
    if (keys.some((key) => key.length !== 32)) {
      context.addIssue({
        code: 'custom',
        message: 'needs keys of 32 bytes in base64 (openssl rand -base64 32), commas between',
      });
      return z.NEVER;
    }
    if (keys.some((key) => key.every((byte) => byte === key[0]))) {
      context.addIssue({
        code: 'custom',
        message: 'holds a key that is not random; make one with openssl rand -base64 32',
      });
      return z.NEVER;
    }
    return new Secret<readonly Buffer[]>(keys);
  });

const KNOWN_BAD = new Set(['changeme', 'secret', 'password', 'admin', 'test']);
export const secretText = (minimum = 24) =>
  z
    .string()
    .min(minimum, `is shorter than ${minimum} characters`)
    .refine((text) => !KNOWN_BAD.has(text.toLowerCase()), 'is a well-known default; choose a random one')
    .transform((text) => new Secret(text));

export const logLevel = () => z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info');

/** The variables that every service has. */
export const commonFields = (defaultPort: number) => ({
  PORT: port(defaultPort).describe('Port of HTTP(S): the service itself, /healthz, /readyz, /metrics.'),
  LOG_LEVEL: logLevel().describe('trace, debug, info, warn, error, fatal or silent.'),
  TLS_CERT_FILE: z.string().optional().describe('PEM certificate; with TLS_KEY_FILE the service listens on https.'),
  TLS_KEY_FILE: z.string().optional().describe('PEM key that belongs to TLS_CERT_FILE.'),
  MOST_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(10)
    .default(4_000)
    .describe('Connections at once; one more is closed unheard. Each holds a file descriptor and some memory.'),
  READY_OFF_FOR: duration('1s')
    .refine((ms) => ms <= 4_000, 'is longer than 4s; all of a stop has 10 s')
    .describe(
      'After SIGTERM /readyz says 503 for so long before requests are refused, so that proxies notice; up to 4s.',
    ),
});
export const mongoFields = () => ({
  MONGODB_URI: mongodbUri().describe('MongoDB connection string with the database name.'),
});
export const cloudFields = () => ({
  GRAPH_URL: httpsOrigin()
    .default('https://graph.microsoft.com')
    .describe('Graph origin for integrations whose cloud is custom.'),
  LOGIN_URL: httpsOrigin()
    .default('https://login.microsoftonline.com')
    .describe('Sign-in origin for integrations whose cloud is custom.'),
});

/** How many removals at once are too many: of the one who finds them, and of the one who applies them. */
export const removalFields = () => ({
  REMOVALS_LEAST: z.coerce.number().int().min(0).default(5).describe('So many people may always go at once.'),
  REMOVALS_PERCENT: z.coerce
    .number()
    .min(0)
    .max(100)
    .default(10)
    .describe('More than this share of the people in scope, going within 10 minutes, waits for an admin.'),
});
