import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Now } from '@muster/runtime';
import type { AuditRecord, AuditStore } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { readPrincipal } from '../keys/principal.js';

/** By these the alert knows of them. */
export const BREAK_GLASS_USED = 'sign-in by break-glass';
export const BREAK_GLASS_REFUSED = 'break-glass';

export type AuditNote = Omit<AuditRecord, 'auditId' | 'at' | 'status' | 'why' | 'address' | 'target'> &
  Partial<Pick<AuditRecord, 'status' | 'why' | 'address' | 'target'>>;
export type Audit = { note: (note: AuditNote) => Promise<void> };

export const createAudit = (store: AuditStore, now: Now): Audit => ({
  note: async (note) => {
    const at = now().toISOString();
    await store.insert({
      auditId: `${at} ${randomUUID()}`,
      at,
      status: null,
      why: null,
      address: null,
      target: {},
      ...note,
    });
  },
});

/** What the router knows of the call: the route, its path parameters, and whose integration the answer is about. */
type Called = { action: string; target: Record<string, string>; integrationId: string | null };
type Locals = { called?: Called };

export const noteCall = (response: Response, called: Called): void => {
  (response.locals as Locals).called = called;
};

/** Every call that may change something, by whoever is known, however it ended; bodies are not kept. */
export const auditCalls =
  (audit: Audit, logger: Logger): RequestHandler =>
  (request, response, next) => {
    if (!['GET', 'HEAD', 'OPTIONS'].includes(request.method))
      response.once('finish', () => {
        const { called } = response.locals as Locals;
        if (!called) return;
        const { statusCode: status } = response;
        const principal = readPrincipal(response);
        const note: AuditNote = {
          actor: principal.actor,
          ...called,
          integrationId: called.integrationId ?? principal.integrationId,
          outcome: toOutcome(status),
          status,
          address: request.ip ?? null,
        };
        audit.note(note).catch((error: unknown) => logger.error({ err: error, note }, 'audit record is not kept'));
      });
    next();
  };

const toOutcome = (status: number): AuditRecord['outcome'] => {
  if (status < 400) return 'done';
  return status < 500 ? 'refused' : 'failed';
};
