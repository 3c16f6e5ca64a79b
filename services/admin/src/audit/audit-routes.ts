import { z } from 'zod';
import { guid } from '@muster/contracts';
import type { AuditRecord, Store } from '@muster/store';
import { defineRoute, type Route } from '../http/route.js';
import { fromCursor, toCursor } from '../http/cursor.js';
import { findIntegration } from '../keys/principal.js';
import type { Audit } from './audit.js';
import { nameIds, type NamingStore } from './name-ids.js';

export type AuditRoutesOptions = { store: Pick<Store, 'audit'> & NamingStore; audit: Pick<Audit, 'settled'> };

const outcome = z.enum(['done', 'refused', 'failed']);
const auditView = z
  .object({
    auditId: z.string(),
    at: z.string(),
    actor: z.string().describe('`key {id}`, `person {tenant}/{user}`, `break-glass`, `setup-link` or `nobody`.'),
    action: z.string(),
    integrationId: z.string().nullable(),
    target: z.string().nullable().describe('Ids of what it was done to, as in the path.'),
    outcome,
    status: z.int().nullable(),
    why: z.string().nullable(),
    address: z.string().nullable(),
  })
  .meta({ id: 'AuditRecord' });

export const auditRoutes = ({ store, audit }: AuditRoutesOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/audit',
    summary: 'Who did what, newest first',
    tag: 'audit',
    query: z.strictObject({
      integrationId: guid.optional(),
      actor: z.string().min(1).max(200).optional(),
      outcome: outcome.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(50),
      cursor: z.string().max(500).optional().describe('`nextCursor` of the page before.'),
    }),
    answer: {
      status: 200,
      description: 'One page.',
      schema: z.object({
        items: z.array(auditView),
        names: z
          .record(z.string(), z.string())
          .describe('Of integrations, people and plans whose ids stand in these records, as far as they are known.'),
        nextCursor: z.string().nullable(),
      }),
    },
    errors: [404],
    handle: async ({ query: { integrationId, actor, outcome: wanted, limit, cursor }, principal }) => {
      const id = integrationId ?? principal.integrationId;
      if (id !== null) await findIntegration(store.integrations, principal, id);
      const before = fromCursor('audit', cursor);
      await audit.settled();
      const items = await store.audit.page({
        ...(id === null ? {} : { integrationId: id }),
        ...(actor === undefined ? {} : { actor }),
        ...(wanted === undefined ? {} : { outcome: wanted }),
        ...(before === undefined ? {} : { before }),
        limit,
      });
      const last = items.length === limit ? items.at(-1) : undefined;
      const names = await nameIds(store, items, principal);
      return { body: { items: items.map(toView), names, nextCursor: last ? toCursor('audit', last.auditId) : null } };
    },
  }),
];

const toView = ({ target, ...record }: AuditRecord): z.input<typeof auditView> => ({
  ...record,
  target:
    Object.entries(target)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ') || null,
});
