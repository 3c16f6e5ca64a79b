import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Secret } from '@muster/config';
import type { IntegrationSettings } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { ProvedSubject, SessionRecord, SessionSubject, Store } from '@muster/store';
import type { Gate } from '../gate/create-gate.js';
import { toHash } from '../keys/hash.js';
import { ALL_SCOPES, SETUP_LINK, type Principal } from '../keys/principal.js';
import { readSessionId, type CookieSettings } from '../keys/session-cookie.js';
import { isOver, mayStayUnproved, toSessionTimes, toTouch, type SessionPeriods } from './domain/session-times.js';

export type SessionsOptions = {
  store: Pick<Store, 'sessions' | 'integrations'>;
  gate: Gate;
  /** The principal of an API key; null when it is not known any more. */
  byKeyHash: (keyHash: string) => Promise<Principal | null>;
  /** Of the password that is set now. */
  breakGlassHash: Secret<string> | undefined;
  cookie: CookieSettings;
  periods: SessionPeriods;
  /** A session is over: pages that it has open are told. */
  onEnd: (sessionHash: string) => void;
  now: Now;
};

export type Sessions = {
  /** Ends the one that the browser has and begins another, under a new id; `until`: it ends then at the latest. */
  begin: (request: Request, response: Response, subject: SessionSubject, until?: string | null) => Promise<void>;
  /** Whether who made a setup link may let an operator in now; false, too, when nobody can vouch for them. */
  mayLetIn: (maker: ProvedSubject) => Promise<boolean>;
  /** Who the request's session belongs to, asked anew each time; null without a session, or when it is over. */
  find: (request: Request) => Promise<Principal | null>;
  /** The same for pages that stay open; being open is no use of the session. */
  look: (sessionHash: string) => Promise<Principal | null>;
  end: (request: Request, response: Response) => Promise<void>;
};

export function createSessions(options: SessionsOptions): Sessions {
  const { store, cookie, periods, onEnd, now } = options;

  const remove = async (request: Request): Promise<void> => {
    const sessionId = readSessionId(request, cookie);
    if (sessionId === null) return;
    const sessionHash = toHash(sessionId);
    await store.sessions.remove(sessionHash);
    onEnd(sessionHash);
  };
  const read = async (sessionHash: string): Promise<(Found & { session: SessionRecord }) | null> => {
    const session = await store.sessions.get(sessionHash);
    if (!session) return null;
    const found = isOver(session, now()) ? null : await findSubject(session, options);
    if (found !== null) return { ...found, session };
    await store.sessions.remove(sessionHash);
    onEnd(sessionHash);
    return null;
  };
  const check = async (sessionHash: string): Promise<Principal | null> => {
    const found = await read(sessionHash);
    if (!found) return null;
    const touch = toTouch(found.session, now(), periods);
    if (touch) await store.sessions.touch(sessionHash, { ...touch, provedAt: found.provedAt });
    return { ...found.principal, sessionHash };
  };

  return {
    begin: async (request, response, subject, until) => {
      await remove(request);
      const sessionId = randomBytes(32).toString('base64url');
      const times = toSessionTimes(now(), periods, until);
      await store.sessions.insert({
        sessionHash: toHash(sessionId),
        subject,
        ...times,
        provedAt: times.createdAt,
      });
      response.cookie(cookie.name, sessionId, { ...cookie.options, maxAge: periods.life });
    },
    mayLetIn: async (maker) => (await findMaker({ maker, provedAt: NEVER }, options)) !== null,
    find: async (request) => {
      const sessionId = readSessionId(request, cookie);
      return sessionId === null ? null : check(toHash(sessionId));
    },
    look: async (sessionHash) => {
      const found = await read(sessionHash);
      return found && { ...found.principal, sessionHash };
    },
    end: async (request, response) => {
      await remove(request);
      response.clearCookie(cookie.name, cookie.options);
    },
  };
}

type Found = { principal: Principal; provedAt: string };
type Asked<S> = { subject: S; provedAt: string };
const NEVER = new Date(0).toISOString();

function findSubject({ subject, provedAt }: SessionRecord, options: SessionsOptions): Promise<Found | null> {
  if (subject.kind !== 'setup-link') return findProved({ subject, provedAt }, options);
  return findMaker({ maker: subject.maker, provedAt }, options);
}

/** A link lets its holder do everything, for as long as its maker may. One of an older version names none. */
async function findMaker(
  { maker, provedAt }: { maker: ProvedSubject | undefined; provedAt: string },
  options: SessionsOptions,
): Promise<Found | null> {
  const found = maker === undefined ? null : await findProved({ subject: maker, provedAt }, options);
  if (found?.principal.role !== 'operator') return null;
  const { scopes } = found.principal;
  if (!ALL_SCOPES.every((scope) => scopes.includes(scope))) return null;
  return { principal: toLocalOperator(SETUP_LINK), provedAt: found.provedAt };
}

async function findProved(asked: Asked<ProvedSubject>, options: SessionsOptions): Promise<Found | null> {
  const { subject } = asked;
  const provedAt = options.now().toISOString();
  switch (subject.kind) {
    case 'key': {
      const principal = await options.byKeyHash(subject.keyHash);
      return principal && { principal, provedAt };
    }
    case 'person':
      return findPerson({ subject, provedAt: asked.provedAt }, options);
    case 'break-glass':
      return isStillSet(subject, options) ? { principal: toLocalOperator('break-glass'), provedAt } : null;
  }
}

function isStillSet(
  { passwordHash }: ProvedSubject & { kind: 'break-glass' },
  { breakGlassHash }: Pick<SessionsOptions, 'breakGlassHash'>,
): boolean {
  const hash = breakGlassHash?.reveal();
  return hash !== undefined && toHash(hash) === passwordHash;
}

const toLocalOperator = (actor: string): Principal => ({
  role: 'operator',
  integrationId: null,
  actor,
  scopes: ALL_SCOPES,
  sessionHash: null,
  keyHash: null,
  person: null,
});

async function findPerson(
  { subject: { integrationId, tenantId, userId }, provedAt }: Asked<ProvedSubject & { kind: 'person' }>,
  { store, gate, now }: SessionsOptions,
): Promise<Found | null> {
  const settings = await store.integrations.get(integrationId);
  if (!settings || settings.state === 'removed' || settings.tenantId !== tenantId) return null;
  const answer = await gate.ask(settings, userId);
  if (!answer.known) {
    if (!mayStayUnproved(provedAt, now())) return null;
    const person = { userId, displayName: null, userPrincipalName: null };
    return { principal: await toPerson(settings, person, gate), provedAt };
  }
  if (!answer.verdict.allowed) return null;
  return { principal: await toPerson(settings, answer.person, gate), provedAt: now().toISOString() };
}

async function toPerson(
  settings: IntegrationSettings,
  known: Parameters<Gate['roleOf']>[1],
  gate: Gate,
): Promise<Principal> {
  const { tenantId, integrationId } = settings;
  const { userId } = known;
  const role = await gate.roleOf(settings, known);
  const rest = {
    actor: `person ${tenantId}/${userId}`,
    scopes: ALL_SCOPES,
    sessionHash: null,
    keyHash: null,
    person: { tenantId, userId },
  };
  return role === 'operator' ? { role, integrationId: null, ...rest } : { role, integrationId, ...rest };
}
