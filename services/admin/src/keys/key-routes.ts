import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { guid, instant } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import { KEY_SCOPES, type Store } from '@muster/store';
import { Problem, notFound } from '../http/problem.js';
import { defineRoute, nothing, type Route } from '../http/route.js';
import { toHash } from './hash.js';
import { assertHas } from './principal.js';

const scope = z.enum(KEY_SCOPES);
const keyView = z
  .object({
    keyId: z.string(),
    name: z.string(),
    role: z.enum(['operator', 'tenant-admin']),
    integrationId: z.string().nullable(),
    scopes: z.array(scope),
    createdAt: z.string(),
    expiresAt: z.string().nullable().describe('Null: until it is taken away.'),
    lastUsedAt: z.string().nullable().describe('To the minute.'),
  })
  .meta({ id: 'ApiKey' });

const newKey = z
  .strictObject({
    name: z.string().trim().min(1).max(120).describe('What it is for.'),
    role: z.enum(['operator', 'tenant-admin']),
    integrationId: guid.optional().describe('For a tenant admin: the one integration that it may see.'),
    scopes: z
      .array(scope)
      .min(1)
      .optional()
      .describe(
        'Left out: those of whoever asks, and never more. `read` for every GET, `gate` for GET /gate alone, `operate` to start, pause, sync and answer plans, `keys` for keys, `write` for all other changes. Naming administrators and making setup links takes all of them.',
      ),
    expiresAt: instant.nullable().default(null),
  })
  .superRefine(({ role, integrationId }, context) => {
    if ((role === 'tenant-admin') === (integrationId !== undefined)) return;
    const [message, cure] =
      role === 'operator'
        ? ['is not for operators, who see every integration', 'Leave it out.']
        : ['is missing', 'Give the integrationId that this tenant admin may see.'];
    context.addIssue({ code: 'custom', path: ['integrationId'], message, params: { cure } });
  });

export type KeyRoutesOptions = { store: Pick<Store, 'apiKeys' | 'integrations'>; now: Now };

export const keyRoutes = ({ store, now }: KeyRoutesOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/keys',
    summary: 'API keys, without the keys themselves',
    tag: 'keys',
    operatorOnly: true,
    scopes: ['keys'],
    answer: { status: 200, description: 'All keys.', schema: z.object({ items: z.array(keyView) }) },
    handle: async () => ({
      body: {
        items: (await store.apiKeys.all()).map(({ hash: _, scopes, ...view }) => ({ ...view, scopes: [...scopes] })),
      },
    }),
  }),
  defineRoute({
    method: 'post',
    path: '/keys',
    summary: 'Make an API key; it is shown this once',
    tag: 'keys',
    operatorOnly: true,
    scopes: ['keys'],
    body: newKey,
    answer: { status: 201, description: 'The key.', schema: keyView.extend({ key: z.string() }) },
    handle: async ({ principal, body: { name, role, integrationId = null, scopes = principal.scopes, expiresAt } }) => {
      assertHas(principal, scopes);
      if (integrationId !== null && !(await store.integrations.get(integrationId)))
        throw new Problem(400, 'The body is not usable: integrationId.', {
          problems: [
            { field: 'integrationId', problem: 'names no integration', cure: 'Take one of GET /api/v1/integrations.' },
          ],
        });
      const key = `muster_${randomBytes(32).toString('base64url')}`;
      const view = {
        keyId: randomUUID(),
        name,
        role,
        integrationId,
        scopes: [...new Set(scopes)],
        createdAt: now().toISOString(),
        expiresAt,
        lastUsedAt: null,
      };
      await store.apiKeys.insert({ ...view, hash: toHash(key) });
      return { body: { ...view, key } };
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/keys/{keyId}',
    summary: 'Take an API key away; its sessions end too',
    tag: 'keys',
    operatorOnly: true,
    scopes: ['keys'],
    params: z.object({ keyId: z.string().max(64) }),
    answer: { status: 204, description: 'It is gone.', schema: nothing },
    errors: [404],
    handle: async ({ params }) => {
      if (!(await store.apiKeys.remove(params.keyId))) throw notFound('key with this id');
      return { body: undefined };
    },
  }),
];
