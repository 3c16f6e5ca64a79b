import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { instant } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Sealer } from '@muster/store';
import { defineRoute, type Route } from '../http/route.js';
import { ALL_SCOPES, assertHas } from '../keys/principal.js';

const CONTEXT = 'setup-link';
const LIVES_MS = 60 * 60_000;
const setupLink = z.object({ linkId: z.uuid(), expiresAt: instant });

export type SetupLinkOptions = { sealer: Sealer; publicUrl: string; now: Now };

/** Nothing is stored until a link is used: it carries its own end, sealed. */
export const setupLinkRoutes = ({ sealer, publicUrl, now }: SetupLinkOptions): Route[] => [
  defineRoute({
    method: 'post',
    path: '/setup-links',
    summary: 'Make a link that signs an operator in, once, within an hour',
    tag: 'session',
    operatorOnly: true,
    scopes: ['keys'],
    answer: {
      status: 201,
      description: 'The link; it is shown this once.',
      schema: z.object({ url: z.string(), expiresAt: z.string() }),
    },
    handle: ({ principal }) => {
      // Whoever uses the link may do everything.
      assertHas(principal, ALL_SCOPES);
      const expiresAt = new Date(now().getTime() + LIVES_MS).toISOString();
      const token = sealer.seal(JSON.stringify({ linkId: randomUUID(), expiresAt }), CONTEXT);
      return Promise.resolve({ body: { url: `${publicUrl}/setup-link/${token}`, expiresAt } });
    },
  }),
];

/** Null for one that was not made here, or has expired. */
export function readSetupLink(
  token: string,
  { sealer, now }: Pick<SetupLinkOptions, 'sealer' | 'now'>,
): z.infer<typeof setupLink> | null {
  try {
    const link = setupLink.parse(JSON.parse(sealer.open(token, CONTEXT)));
    return link.expiresAt > now().toISOString() ? link : null;
  } catch {
    return null;
  }
}
