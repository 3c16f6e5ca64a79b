import { timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Secret } from '@muster/config';
import type { Now } from '@muster/runtime';
import type { ApiKeyRecord, ApiKeysStore, IntegrationsStore } from '@muster/store';
import { Problem } from '../http/problem.js';
import { toHash } from './hash.js';
import { ALL_SCOPES, setPrincipal, type Principal } from './principal.js';
import { isSameSite } from './session-cookie.js';

export type KeyRing = {
  byKey: (key: string) => Promise<Principal | null>;
  /** Sessions hold the key's hash and ask again each time: a key that is taken away ends its sessions too. */
  byHash: (keyHash: string) => Promise<Principal | null>;
};
export type KeyRingOptions = {
  apiKeys: Pick<ApiKeysStore, 'byHash' | 'used'>;
  integrations: Pick<IntegrationsStore, 'get'>;
  bootstrapKey: Secret<string> | undefined;
  now: Now;
};

/** A key's last use is kept to the minute. */
const USED_MS = 60_000;

export function createKeyRing({ apiKeys, integrations, bootstrapKey, now }: KeyRingOptions): KeyRing {
  const bootstrapHash = bootstrapKey ? toHash(bootstrapKey.reveal()) : null;
  const isServed = async (integrationId: string): Promise<boolean> => {
    const settings = await integrations.get(integrationId);
    return settings !== null && settings.state !== 'removed';
  };
  const byHash = async (keyHash: string): Promise<Principal | null> => {
    if (bootstrapHash !== null && isEqual(keyHash, bootstrapHash))
      return { role: 'operator', integrationId: null, ...toRest('bootstrap', { keyHash, scopes: ALL_SCOPES }) };
    const record = await apiKeys.byHash(keyHash);
    if (!record || (record.expiresAt !== null && record.expiresAt <= now().toISOString())) return null;
    // A key of a removed integration must not read the tenant that another one serves by now.
    if (record.integrationId !== null && !(await isServed(record.integrationId))) return null;
    if (now().getTime() - Date.parse(record.lastUsedAt ?? record.createdAt) >= USED_MS || record.lastUsedAt === null)
      await apiKeys.used(record.keyId, now().toISOString());
    return toPrincipal(record);
  };
  return { byKey: (key) => byHash(toHash(key)), byHash };
}

const isEqual = (left: string, right: string): boolean => timingSafeEqual(Buffer.from(left), Buffer.from(right));

const toRest = (keyId: string, rest: Pick<Principal, 'scopes' | 'keyHash'>) => ({
  actor: `key ${keyId}`,
  ...rest,
  sessionHash: null,
  person: null,
});

function toPrincipal({ role, integrationId, keyId, scopes, hash }: ApiKeyRecord): Principal | null {
  const rest = toRest(keyId, { keyHash: hash, scopes });
  if (role === 'operator') return { role, integrationId: null, ...rest };
  return integrationId === null ? null : { role, integrationId, ...rest };
}

export type Authentication = {
  keys: KeyRing;
  bySession: (request: Request) => Promise<Principal | null>;
  /** Counts failures and may answer 429 in place of 401. */
  refused: RequestHandler;
  publicUrl: string;
};

/** In front of every route of the API. */
export const requirePrincipal =
  ({ keys, bySession, refused, publicUrl }: Authentication): RequestHandler =>
  async (request, response, next) => {
    const key = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
    const principal = key === undefined ? await bySession(request) : await keys.byKey(key);
    if (!principal) {
      // Pages that are signed out go on asking; nobody guesses the 256 bits of a session. The cookie of one that is over
      // stays: a late answer would take the one that began meanwhile from the browser.
      if (request.get('authorization') === undefined) throw unauthorized(false);
      await refused(request, response, (error: unknown) => {
        next(error ?? unauthorized(key !== undefined));
      });
      return;
    }
    if (key === undefined && !['GET', 'HEAD'].includes(request.method) && !isSameSite(request, publicUrl))
      throw new Problem(403, 'A session may change things from Muster’s own pages only; use an API key elsewhere.');
    setPrincipal(response, principal);
    next();
  };

const unauthorized = (given: boolean): Problem =>
  new Problem(
    401,
    given
      ? 'This API key is not known, has expired, or was taken away.'
      : 'Sign in, or send an API key: Authorization: Bearer <key>. The first one is MUSTER_BOOTSTRAP_KEY.',
    { headers: { 'WWW-Authenticate': 'Bearer realm="muster"' } },
  );
