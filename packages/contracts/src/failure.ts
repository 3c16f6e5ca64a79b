/**
 * An error that says whether trying again helps, and when. Recognised by brand, not by instanceof, so that two copies
 * of this package agree. HTTP statuses are chosen at the edge.
 */
const BRAND = Symbol.for('muster.failure');

export type FailureOptions = {
  retryable: boolean;
  /** Milliseconds to wait at least, where the other side said so. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
  /** Facts for logs and answers; ids and numbers only, never a secret. */
  details?: Record<string, string | number | boolean | null>;
};

export class Failure extends Error {
  readonly [BRAND] = true;
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: Record<string, string | number | boolean | null>;

  constructor(code: string, message: string, options: FailureOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
  }
}

export const isFailure = (error: unknown): error is Failure =>
  typeof error === 'object' && error !== null && BRAND in error;
