import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { z } from 'zod';
import { guid, instant } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { OnceStore, Sealer } from '@muster/store';

/** Why somebody was sent to Microsoft; decides who takes them back. */
export const FLOW_KINDS = ['sign-in', 'consent'] as const;
export type FlowKind = (typeof FLOW_KINDS)[number];

const flow = z.object({
  flowId: z.uuid(),
  kind: z.enum(FLOW_KINDS),
  integrationId: guid,
  /** Path of our own, where the browser goes at the end. */
  returnTo: z.string().max(500),
  expiresAt: instant,
});
/** What only the browser that began has: the answers to the challenges that were sent along. */
const kept = z.object({ nonce: z.string(), codeVerifier: z.string() });
export type Kept = z.infer<typeof kept>;
export type Flow = z.infer<typeof flow>;
export type FinishedFlow = Flow & Kept;

const LIVES_MS = 10 * 60_000;

export type Flows = {
  /** `state` for the authorization request, and the `Set-Cookie` header that binds it to the browser. */
  begin: (wanted: Pick<Flow, 'kind' | 'integrationId' | 'returnTo'>) => {
    flowId: string;
    state: string;
    toSetCookie: (kept: Kept) => string;
  };
  /** Null: not begun here, not by this browser, too old, or finished already. Whatever it answers, it is used up. */
  finish: (request: Request, state: string) => Promise<FinishedFlow | null>;
  /** `Set-Cookie` that takes the cookie of a flow back. */
  toClearCookie: (flowId: string) => string;
};

/**
 * The way to Microsoft and back (RFC 6749 10.12, RFC 9700 4.7): state is sealed by us, short-lived, works once, and
 * only in the browser that holds the cookie. Nothing is stored until somebody comes back, so that the sign-in address
 * can be asked for by anybody without filling the database. Several tabs may be under way: each has its cookie.
 */
export function createFlows(options: { sealer: Sealer; once: OnceStore; publicUrl: string; now: Now }): Flows {
  const { sealer, once, now } = options;
  const secure = options.publicUrl.startsWith('https:');
  const toName = (flowId: string): string => `${secure ? '__Host-' : ''}muster-flow-${flowId}`;
  const toCookie = (flowId: string, value: string, seconds: number): string =>
    [`${toName(flowId)}=${value}`, `Max-Age=${seconds}`, 'Path=/', 'HttpOnly', 'SameSite=Lax']
      .concat(secure ? ['Secure'] : [])
      .join('; ');

  const openFlow = (state: string): Flow | null => {
    const opened = flow.safeParse(open(sealer, state, 'flow'));
    return opened.success && opened.data.expiresAt > now().toISOString() ? opened.data : null;
  };
  return {
    begin: (wanted) => {
      const flowId = randomUUID();
      const expiresAt = new Date(now().getTime() + LIVES_MS).toISOString();
      return {
        flowId,
        state: sealer.seal(JSON.stringify({ flowId, ...wanted, expiresAt }), 'flow'),
        toSetCookie: (answers) =>
          toCookie(flowId, sealer.seal(JSON.stringify(answers), `flow/${flowId}`), LIVES_MS / 1_000),
      };
    },
    finish: async (request, state) => {
      const begun = openFlow(state);
      if (!begun) return null;
      const cookie = readCookie(request, toName(begun.flowId));
      const answers = kept.safeParse(cookie === null ? null : open(sealer, cookie, `flow/${begun.flowId}`));
      if (!answers.success || !(await once.use(`flow/${begun.flowId}`, new Date(begun.expiresAt)))) return null;
      return { ...begun, ...answers.data };
    },
    toClearCookie: (flowId) => toCookie(flowId, '', 0),
  };
}

function open(sealer: Sealer, sealed: string, context: string): unknown {
  try {
    return JSON.parse(sealer.open(sealed, context));
  } catch {
    return null;
  }
}

function readCookie(request: Request, name: string): string | null {
  const prefix = `${name}=`;
  const found = (request.get('cookie') ?? '').split(';').find((part) => part.trim().startsWith(prefix));
  return found?.trim().slice(prefix.length) ?? null;
}
