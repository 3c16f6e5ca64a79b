import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Secret } from '@muster/config';
import type { Now } from '@muster/runtime';
import type { ApiKeyRecord, ApiKeysStore, SessionsStore } from '@muster/store';
import { Problem } from '../http/problem.js';
import { setPrincipal, type Principal } from './principal.js';
import { isSameSite, readSessionId, type CookieSettings } from './session-cookie.js';

/** Keys and session ids are random, 256 bits: one round of SHA-256 is enough. */
export const toHash = (text: string): string => createHash('sha256').update(text).digest('hex');

export type Authenticator = {
  byKey: (key: string) => Promise<Principal | null>;
  bySession: (request: Request) => Promise<Principal | null>;
};
export type AuthenticatorOptions = {
  apiKeys: ApiKeysStore;
  sessions: SessionsStore;
  bootstrapKey: Secret<string> | undefined;
  cookie: CookieSettings;
  now: Now;
};

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { apiKeys, sessions, bootstrapKey, cookie, now } = options;
  const bootstrapHash = bootstrapKey ? toHash(bootstrapKey.reveal()) : null;

  /** Sessions hold the key's hash and ask again each time: a key that is taken away ends its sessions too. */
  const byHash = async (keyHash: string): Promise<Principal | null> => {
    if (bootstrapHash !== null && isEqual(keyHash, bootstrapHash))
      return { role: 'operator', integrationId: null, keyId: 'bootstrap', keyHash };
    const record = await apiKeys.byHash(keyHash);
    return record && toPrincipal(record);
  };
  return {
    byKey: (key) => byHash(toHash(key)),
    bySession: async (request) => {
      const sessionId = readSessionId(request, cookie);
      if (sessionId === null) return null;
      const session = await sessions.get(toHash(sessionId));
      return session && session.expiresAt > now().toISOString() ? byHash(session.keyHash) : null;
    },
  };
}

const isEqual = (left: string, right: string): boolean => timingSafeEqual(Buffer.from(left), Buffer.from(right));

function toPrincipal({ role, integrationId, keyId, hash }: ApiKeyRecord): Principal | null {
  if (role === 'operator') return { role, integrationId: null, keyId, keyHash: hash };
  return integrationId === null ? null : { role, integrationId, keyId, keyHash: hash };
}

/** In front of every route of the API. `refused` counts failures and may answer 429 in place of 401. */
export const requirePrincipal =
  (authenticator: Authenticator, refused: RequestHandler): RequestHandler =>
  async (request, response, next) => {
    const key = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
    const principal = key === undefined ? await authenticator.bySession(request) : await authenticator.byKey(key);
    if (!principal) {
      await refused(request, response, (error: unknown) => {
        next(error ?? unauthorized(key !== undefined));
      });
      return;
    }
    if (key === undefined && !['GET', 'HEAD'].includes(request.method) && !isSameSite(request))
      throw new Problem(403, 'A session may change things from Muster’s own pages only; use an API key elsewhere.');
    setPrincipal(response, principal);
    next();
  };

const unauthorized = (given: boolean): Problem =>
  new Problem(
    401,
    given
      ? 'This API key is not known, or was taken away.'
      : 'Send an API key: Authorization: Bearer <key>. The first one is MUSTER_BOOTSTRAP_KEY.',
    { headers: { 'WWW-Authenticate': 'Bearer realm="muster"' } },
  );
