import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { Router, type ErrorRequestHandler, type Request, type Response } from 'express';
import { z } from 'zod';
import type { Now } from '@muster/runtime';
import type { SessionsStore } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { sendProblem, toProblem } from '../http/problem.js';
import { toHash, type Authenticator } from '../keys/authenticate.js';
import type { RateLimits } from '../keys/rate-limits.js';
import { isSameSite, readSessionId, type CookieSettings } from '../keys/session-cookie.js';
import type { ReadStatus } from '../status/read-status.js';
import { signInPage, troublePage } from './message-pages.js';
import { statusPage } from './status-page.js';

/** Found by the package's own name for it, so that it is the same from `src` and from `dist`. */
const PUBLIC_FOLDER = dirname(createRequire(import.meta.url).resolve('#public/page.css'));

/** A session ends after a working day, whatever happens in it. */
const SESSION_MS = 12 * 3_600_000;

export type PageRoutesOptions = {
  authenticator: Authenticator;
  sessions: SessionsStore;
  readStatus: ReadStatus;
  cookie: CookieSettings;
  limits: RateLimits;
  logger: Logger;
  now: Now;
};

const sendPage = (response: Response, page: string, status = 200): void => {
  response.status(status).set('Cache-Control', 'no-store').type('html').send(page);
};

const newSession = z.object({ key: z.string().trim().min(1).max(200) });

/** The status page and its session. */
export function createPageRouter(options: PageRoutesOptions): Router {
  const { authenticator, sessions, readStatus, cookie, limits, logger, now } = options;
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '4kb' });

  router.use('/assets', express.static(PUBLIC_FOLDER, { index: false, maxAge: '5m' }));

  router.get('/', async (request, response) => {
    const principal = await authenticator.bySession(request);
    if (principal) sendPage(response, statusPage(await readStatus(principal)));
    else sendPage(response, signInPage(null), 401);
  });

  router.post('/session', form, async (request: Request, response: Response) => {
    if (!isSameSite(request)) {
      sendPage(response, signInPage('This form was sent from another site. Enter the key here.'), 403);
      return;
    }
    const given = newSession.safeParse(request.body);
    const principal = given.success ? await authenticator.byKey(given.data.key) : null;
    if (!principal) {
      await limits.refused(request, response, () =>
        sendPage(response, signInPage('This key is not known, or was taken away.'), 401),
      );
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
    response.cookie(cookie.name, sessionId, { ...cookie.options, maxAge: SESSION_MS }).redirect(303, '/');
  });

  router.post('/session/end', form, async (request, response) => {
    const sessionId = readSessionId(request, cookie);
    if (sessionId !== null && isSameSite(request)) {
      await sessions.remove(toHash(sessionId));
      response.clearCookie(cookie.name, cookie.options);
    }
    response.redirect(303, '/');
  });

  router.use(pageErrorHandler(logger));
  return router;
}

/** People get a page that says which service is missing; the rest a problem document. */
const pageErrorHandler =
  (logger: Logger): ErrorRequestHandler =>
  (error, request, response, next) => {
    const problem = toProblem(error);
    if (problem.status >= 500) logger.error({ err: error as unknown, status: problem.status }, 'page failed');
    if (response.headersSent) next(error);
    else if (!request.accepts('html') || problem.status < 500) sendProblem(response, problem);
    else {
      response.set(problem.headers);
      sendPage(response, troublePage(toTrouble(problem.status, problem.detail)), problem.status);
    }
  };

const toTrouble = (status: number, detail: string) =>
  status === 503
    ? {
        heading: 'A service is missing',
        text: detail,
        cure: 'Check that it runs and that this service may reach it; /readyz names it too.',
      }
    : { heading: 'Something went wrong here', text: detail, cure: 'Reload the page; if it stays, read that log.' };
