import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { Problem, sendProblem } from '../http/problem.js';

const MINUTE = 60_000;

const limit = (perMinute: number, detail: string): RequestHandler =>
  rateLimit({
    windowMs: MINUTE,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Whose X-Forwarded-For is believed is TRUSTED_PROXIES' business; without it the peer's address counts.
    validate: { xForwardedForHeader: false },
    handler: (_request, response) => sendProblem(response, new Problem(429, detail)),
  });

export type RateLimits = { all: RequestHandler; refused: RequestHandler };

/** `all` is far above what people and scripts need; `refused` runs for wrong keys only, so a good key always passes. */
export const createRateLimits = (): RateLimits => ({
  all: limit(3_000, 'More than 3000 requests within a minute from this address; wait for Retry-After.'),
  refused: limit(30, 'Too many wrong keys from this address; wait for Retry-After.'),
});
