import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Now } from '@muster/runtime';
import type { AuditRecord, AuditStore } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { readPrincipal } from '../keys/principal.js';

/** By these the alert knows of them. */
export const BREAK_GLASS_USED = 'sign-in by break-glass';
export const BREAK_GLASS_REFUSED = 'break-glass';

export type AuditNote = Omit<AuditRecord, 'auditId' | 'at' | 'status' | 'why' | 'address' | 'target'> &
  Partial<Pick<AuditRecord, 'status' | 'why' | 'address' | 'target'>>;
export type Audit = {
  note: (note: AuditNote) => Promise<void>;
  /** Until what was noted so far is kept, or was not taken: who did something and looks at once finds it. */
  settled: () => Promise<void>;
};

export function createAudit(store: AuditStore, now: Now): Audit {
  const underWay = new Set<Promise<void>>();
  return {
    note: (note) => {
      const at = now().toISOString();
      const empty = { status: null, why: null, address: null, target: {} };
      const kept = store
        .insert({ auditId: `${at} ${randomUUID()}`, at, ...empty, ...note })
        .finally(() => underWay.delete(kept));
      underWay.add(kept);
      return kept;
    },
    settled: async () => {
      await Promise.allSettled(underWay);
    },
  };
}

/** One integration that a call was about; `why` it was refused, though the call itself was not. */
export type About = { integrationId: string | null; why?: string | null };
/** What the router knows of the call: the route, its path parameters, and which integrations the answer is about. */
type Called = { action: string; target: Record<string, string>; about: readonly About[] };
type Locals = { called?: Called };

export const noteCall = (response: Response, called: Called): void => {
  (response.locals as Locals).called = called;
};

/** Every call that the router noted, by whoever is known, however it ended; bodies are not kept. */
export const auditCalls =
  (audit: Audit, logger: Logger): RequestHandler =>
  (request, response, next) => {
    let isNoted = false;
    const noteOnce = (): void => {
      const { called } = response.locals as Locals;
      if (!called || isNoted) return;
      isNoted = true;
      for (const note of toNotes(called, request, response))
        audit.note(note).catch((error: unknown) => logger.error({ err: error, note }, 'audit record is not kept'));
    };
    // `close` alone: whoever asked left before all was said, as may be with an export.
    response.once('finish', noteOnce).once('close', noteOnce);
    next();
  };

function toNotes({ action, target, about }: Called, request: Request, response: Response): AuditNote[] {
  const { statusCode: status } = response;
  const principal = readPrincipal(response);
  const rest = { actor: principal.actor, action, target, status, address: request.ip ?? null };
  const all = about.length > 0 ? about : [{ integrationId: null }];
  return all.map(({ integrationId, why = null }) => ({
    ...rest,
    // A record of what was tried elsewhere is nothing for the readers of that one: the target names it.
    ...{ integrationId: principal.integrationId ?? integrationId, why },
    outcome: why === null ? toOutcome(status) : 'refused',
  }));
}

const toOutcome = (status: number): AuditRecord['outcome'] => {
  if (status < 400) return 'done';
  return status < 500 ? 'refused' : 'failed';
};
