import { randomBytes } from 'node:crypto';
import express, { Router } from 'express';
import { z } from 'zod';
import type { Now } from '@muster/runtime';
import type { SessionsStore } from '@muster/store';
import { parse } from '../http/parse.js';
import { Problem } from '../http/problem.js';
import { toHash, type Authenticator } from '../keys/authenticate.js';
import type { RateLimits } from '../keys/rate-limits.js';
import { isSameSite, readSessionId, type CookieSettings } from '../keys/session-cookie.js';

/** A session ends after a working day, whatever happens in it. */
const SESSION_MS = 12 * 3_600_000;

export type SessionRoutesOptions = {
  authenticator: Authenticator;
  sessions: SessionsStore;
  cookie: CookieSettings;
  limits: RateLimits;
  now: Now;
};

const newSession = z.strictObject({ key: z.string().trim().min(1).max(200) });

/** Opens and ends the session of a browser by an API key. */
export function createSessionRouter({ authenticator, sessions, cookie, limits, now }: SessionRoutesOptions): Router {
  const router = Router();
  router.use(express.json({ limit: '4kb' }));

  router.post('/', async (request, response, next) => {
    if (!isSameSite(request)) throw new Problem(403, 'This form was sent from another site. Enter the key here.');
    const { key } = parse(newSession, request.body ?? {}, 'body');
    const principal = await authenticator.byKey(key);
    if (!principal) {
      await limits.refused(request, response, (error: unknown) => {
        next(error ?? new Problem(401, 'This key is not known, or was taken away.'));
      });
      return;
    }
    const sessionId = randomBytes(32).toString('base64url');
    const at = now().getTime();
    await sessions.insert({
      sessionHash: toHash(sessionId),
      keyHash: principal.keyHash,
      createdAt: new Date(at).toISOString(),
      expiresAt: new Date(at + SESSION_MS).toISOString(),
    });
    response
      .cookie(cookie.name, sessionId, { ...cookie.options, maxAge: SESSION_MS })
      .status(204)
      .end();
  });

  router.post('/end', async (request, response) => {
    if (!isSameSite(request)) throw new Problem(403, 'Signing out works from Muster’s own pages only.');
    const sessionId = readSessionId(request, cookie);
    if (sessionId !== null) {
      await sessions.remove(toHash(sessionId));
      response.clearCookie(cookie.name, cookie.options);
    }
    response.status(204).end();
  });
  return router;
}
