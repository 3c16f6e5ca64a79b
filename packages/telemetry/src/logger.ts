import { pino, type DestinationStream, type Logger, type LevelWithSilent } from 'pino';

export type { Logger } from 'pino';
export type LoggerOptions = { service: string; level: LevelWithSilent; destination?: DestinationStream };

/**
 * Paths that may hold a secret wherever they turn up. The first line of defence is not to log them at all; this is the
 * second.
 */
const REDACTED = [
  'clientSecret',
  'client_secret',
  'clientState',
  'authorization',
  'cookie',
  'accessToken',
  'access_token',
  'refresh_token',
  'apiKey',
  'sealed',
  'password',
];

/** Written beside the work, never waited for: when nobody reads, what goes beyond so many characters is dropped. */
const STANDARD_OUTPUT = { dest: 1, sync: false, maxLength: 4_194_304 };

/** JSON lines on standard output; ids only, no names. ERROR means that a person must act. */
export function createLogger({ service, level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
    serializers: { err: toErrorFields, error: toErrorFields },
  };
  return pino(options, destination ?? pino.destination(STANDARD_OUTPUT));
}

/** Code, message and causes; never the fields that libraries hang on errors (requests, headers, bodies). */
export function toErrorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, retryable } = error as { code?: unknown; retryable?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(retryable === undefined ? {} : { retryable }),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: toErrorFields(error.cause) }),
  };
}
