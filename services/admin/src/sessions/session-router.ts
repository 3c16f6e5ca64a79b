import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { isPassword } from '@muster/contracts';
import type { Secret } from '@muster/config';
import type { Now } from '@muster/runtime';
import type { OnceStore, Sealer, SessionSubject } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { BREAK_GLASS_REFUSED, type Audit, type AuditNote } from '../audit/audit.js';
import { Problem, sendProblem } from '../http/problem.js';
import type { KeyRing } from '../keys/authenticate.js';
import { toHash } from '../keys/hash.js';
import { SETUP_LINK } from '../keys/principal.js';
import { isWithin, type RateLimits } from '../keys/rate-limits.js';
import { isSameSite } from '../keys/session-cookie.js';
import { sendTrouble } from '../sign-in/trouble-page.js';
import type { Sessions } from './sessions.js';
import { readSetupLink, type SetupLink } from './setup-link.js';

export type SessionRouterOptions = {
  sessions: Sessions;
  keys: KeyRing;
  once: OnceStore;
  publicUrl: string;
  sealer: Sealer;
  breakGlassHash: Secret<string> | undefined;
  limits: RateLimits;
  audit: Audit;
  logger: Logger;
  now: Now;
};

const keyForm = z.object({ key: z.string().trim().min(1).max(200) });
const passwordForm = z.object({ password: z.string().min(1).max(500) });

/** How a session begins without Microsoft, and how each ends. */
export function createSessionRouter(options: SessionRouterOptions): Router {
  const { sessions, keys, limits } = options;
  const router = Router();
  const fromHere = toFromHere(options.publicUrl);
  const body = [express.urlencoded({ extended: false, limit: '4kb' }), express.json({ limit: '4kb' })];

  router.post('/session', body, fromHere, async (request: Request, response: Response) => {
    const given = keyForm.safeParse(request.body);
    const key = given.success ? given.data.key : null;
    const principal = key === null ? null : await keys.byKey(key);
    if (key === null || !principal) {
      // No more records than the limit lets through.
      if (!(await isWithin(limits.refused, request, response))) return;
      await note(request, { actor: 'nobody', action: 'sign-in by key', outcome: 'refused', status: 401 });
      refuse(response, 'This key is not known, or was taken away.');
      return;
    }
    const { actor, integrationId } = principal;
    await begin(request, response, { subject: { kind: 'key', keyHash: toHash(key) }, actor, integrationId });
  });

  router.post(
    '/session/break-glass',
    body,
    fromHere,
    limits.breakGlass,
    async (request: Request, response: Response) => {
      const given = passwordForm.safeParse(request.body);
      const hash = options.breakGlassHash?.reveal();
      const known = given.success && hash !== undefined && (await isPassword(given.data.password, hash));
      options.logger.warn({ address: request.ip, known }, 'the break-glass password was used');
      if (known) {
        const subject = { kind: 'break-glass', passwordHash: toHash(hash) } as const;
        await begin(request, response, { subject, actor: 'break-glass' });
        return;
      }
      await note(request, { actor: 'nobody', action: BREAK_GLASS_REFUSED, outcome: 'refused', status: 401 });
      refuse(response, 'This is not the break-glass password, or none is set.');
    },
  );

  router.get('/setup-link/:token', async (request, response) => {
    // Programs that look at links ask with HEAD; it must not use the link up.
    if (request.method === 'HEAD') {
      response.status(204).end();
      return;
    }
    const link = await useLink(request.params.token, options);
    if (link) {
      const subject = { kind: 'setup-link', maker: link.maker } as const;
      await begin(request, response, { subject, actor: SETUP_LINK, until: link.endsAt });
      return;
    }
    // No more records than the limit lets through.
    if (!(await isWithin(limits.refused, request, response))) return;
    await note(request, { actor: 'nobody', action: 'setup-link', outcome: 'refused', status: 410 });
    const text =
      'This setup link was used already, or has expired. Or whoever made it may not do so any more. pnpm muster setup-link makes another.';
    sendTrouble(response, { status: 410, text, again: null });
  });

  for (const path of ['/session/end', '/session/sign-out'])
    router.post(path, body, fromHere, async (request: Request, response: Response) => {
      const principal = await sessions.find(request);
      await sessions.end(request, response);
      if (principal) {
        const { actor, integrationId } = principal;
        await note(request, { actor, action: 'sign-out', outcome: 'done', integrationId });
      }
      goOn(request, response);
    });

  const note = (
    request: Request,
    rest: Omit<AuditNote, 'integrationId' | 'address'> & Partial<Pick<AuditNote, 'integrationId'>>,
  ): Promise<void> => options.audit.note({ integrationId: null, address: request.ip ?? null, ...rest });

  async function begin(
    request: Request,
    response: Response,
    { subject, actor, integrationId = null, until }: Beginning,
  ): Promise<void> {
    await sessions.begin(request, response, subject, until);
    await note(request, { actor, action: `sign-in by ${subject.kind}`, outcome: 'done', integrationId });
    goOn(request, response);
  }
  return router;
}

type Beginning = {
  subject: SessionSubject;
  actor: string;
  integrationId?: string | null;
  until?: string | null;
};

/** Null for one that opens nothing, or is used up. One whose maker nobody can vouch for just now is not used up. */
async function useLink(token: string, options: SessionRouterOptions): Promise<SetupLink | null> {
  const { sessions, once } = options;
  const link = readSetupLink(token, options);
  if (link === null || !(await sessions.mayLetIn(link.maker))) return null;
  return (await once.use(`setup-link/${link.linkId}`, new Date(link.expiresAt))) ? link : null;
}

/** A link or form goes on to the pages; a script stays where it is. */
function goOn(request: Request, response: Response): void {
  if (request.method === 'GET' || request.is('urlencoded')) response.redirect(303, '/');
  else response.status(204).end();
}

const refuse = (response: Response, text: string, status = 401): void =>
  sendProblem(response, new Problem(status, text));

/** Another site must not sign anybody in, either. */
const toFromHere =
  (publicUrl: string): RequestHandler =>
  (request, response, next) => {
    if (isSameSite(request, publicUrl)) next();
    else refuse(response, 'This was sent from another site; it works from Muster’s own pages only.', 403);
  };
