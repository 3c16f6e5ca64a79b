import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { guid, instant } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { ProvedSubject, Sealer, SessionRecord, SessionsStore } from '@muster/store';
import { Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { ALL_SCOPES, assertHas, type Principal } from '../keys/principal.js';

const CONTEXT = 'setup-link';
const LIVES_MS = 60 * 60_000;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const maker = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('key'), keyHash: hash }),
  z.object({ kind: z.literal('person'), integrationId: guid, tenantId: guid, userId: guid }),
  z.object({ kind: z.literal('break-glass'), passwordHash: hash }),
]) satisfies z.ZodType<ProvedSubject>;
const setupLink = z.object({
  linkId: z.uuid(),
  expiresAt: instant,
  maker,
  endsAt: instant.nullable().describe('Null: the session lasts as long as any other.'),
});
export type SetupLink = z.infer<typeof setupLink>;

export type SetupLinkOptions = {
  store: { sessions: Pick<SessionsStore, 'get'> };
  sealer: Sealer;
  publicUrl: string;
  now: Now;
};

/** Nothing is stored until a link is used: it carries its own end and who made it, sealed. */
export const setupLinkRoutes = ({ store, sealer, publicUrl, now }: SetupLinkOptions): Route[] => [
  defineRoute({
    method: 'post',
    path: '/setup-links',
    summary:
      'Make a link that signs an operator in, once, within an hour, for as long as who makes it may do everything',
    tag: 'session',
    operatorOnly: true,
    scopes: ['keys'],
    answer: {
      status: 201,
      description: 'The link; it is shown this once.',
      schema: z.object({ url: z.string(), expiresAt: z.string() }),
    },
    handle: async ({ principal }) => {
      // Whoever uses the link may do everything.
      assertHas(principal, ALL_SCOPES);
      const { sessionHash } = principal;
      const session = sessionHash === null ? null : await store.sessions.get(sessionHash);
      const { made, endsAt } = toMaker(principal, session);
      const inAnHour = new Date(now().getTime() + LIVES_MS).toISOString();
      const expiresAt = endsAt !== null && endsAt < inAnHour ? endsAt : inAnHour;
      const link: SetupLink = { linkId: randomUUID(), expiresAt, maker: made, endsAt };
      const token = sealer.seal(JSON.stringify(link), CONTEXT);
      return { body: { url: `${publicUrl}/setup-link/${token}`, expiresAt } };
    },
  }),
];

/** A link from a link is the first maker's too, and lasts no longer: nobody renews the own stay from link to link. */
function toMaker(
  { sessionHash, keyHash }: Principal,
  session: SessionRecord | null,
): { made: ProvedSubject; endsAt: string | null } {
  if (session?.subject.kind === 'setup-link') return { made: session.subject.maker, endsAt: session.endsAt };
  if (session) return { made: session.subject, endsAt: null };
  if (sessionHash === null && keyHash !== null) return { made: { kind: 'key', keyHash }, endsAt: null };
  throw new Problem(401, 'This session has ended meanwhile. Sign in again.');
}

/** Null for one that was not made here, or has expired. */
export function readSetupLink(
  token: string,
  { sealer, now }: Pick<SetupLinkOptions, 'sealer' | 'now'>,
): SetupLink | null {
  try {
    const link = setupLink.parse(JSON.parse(sealer.open(token, CONTEXT)));
    return link.expiresAt > now().toISOString() ? link : null;
  } catch {
    return null;
  }
}
