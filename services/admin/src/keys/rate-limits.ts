import type { Request, RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { Problem, sendProblem } from '../http/problem.js';
import { readPrincipal } from './principal.js';

const MINUTE = 60_000;

type Limit = {
  most: number;
  within?: number;
  detail: string;
  keyOf?: (request: Request, response: Response) => string;
};

const limit = ({ most, within = MINUTE, detail, keyOf }: Limit): RequestHandler =>
  rateLimit({
    windowMs: within,
    limit: most,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Whose X-Forwarded-For is believed is TRUSTED_PROXIES' business; without it the peer's address counts.
    validate: { xForwardedForHeader: false },
    ...(keyOf ? { keyGenerator: keyOf } : {}),
    handler: (_request, response) => sendProblem(response, new Problem(429, detail)),
  });

export type RateLimits = {
  all: RequestHandler;
  /** Behind the authentication: a key or session, from wherever it comes. */
  each: RequestHandler;
  refused: RequestHandler;
  signIn: RequestHandler;
  breakGlass: RequestHandler;
};

/** `all` is far above what people and scripts need; `refused` runs for wrong keys only, so a good key always passes. */
export const createRateLimits = (): RateLimits => ({
  all: limit({
    most: 3_000,
    detail: 'More than 3000 requests within a minute from this address; wait for Retry-After.',
  }),
  each: limit({
    most: 2_000,
    detail: 'More than 2000 requests within a minute by this key or session; wait for Retry-After.',
    keyOf: (_request, response) => {
      const { sessionHash, actor } = readPrincipal(response);
      return sessionHash ?? actor;
    },
  }),
  refused: limit({ most: 30, detail: 'Too many wrong keys from this address; wait for Retry-After.' }),
  signIn: limit({ most: 120, detail: 'Too many sign-ins from this address within a minute; wait for Retry-After.' }),
  // By address only: one for everybody would let a stranger lock the way in for emergencies. Many tries raise an alert.
  breakGlass: limit({
    most: 5,
    within: 15 * MINUTE,
    detail: 'Too many tries from this address; wait for Retry-After.',
  }),
});

/** Counts; false: it has answered 429 already. */
export async function isWithin(limiter: RequestHandler, request: Request, response: Response): Promise<boolean> {
  let within = false;
  await limiter(request, response, () => {
    within = true;
  });
  return within;
}
