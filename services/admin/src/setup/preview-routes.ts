import { z } from 'zod';
import { guid, toPersonKey, type DirectoryUser, type IntegrationSettings } from '@muster/contracts';
import type { Graph, GraphPage } from '@muster/graph-client';
import type { Store } from '@muster/store';
import { Problem } from '../http/problem.js';
import { defineRoute, type Route } from '../http/route.js';
import { findIntegration } from '../keys/principal.js';
import { toGroupVerdict } from './domain/check-verdicts.js';
import { createScopeCount, toPreviewNotes, toPreviewPerson, type PreviewPerson } from './domain/preview.js';
import { attempt } from './explain-failure.js';
import { askMicrosoft, toGraph } from './graph-of-integration.js';
import type { SetupOptions } from './setup-options.js';

/** Some 200,000 people; a larger directory is told as far as it was read. */
const MAX_PAGES = 200;

const person = z.object({
  userId: z.string(),
  displayName: z.string().nullable(),
  userPrincipalName: z.string().nullable(),
  userType: z.string().nullable(),
  disabled: z.boolean(),
});
const side = z.object({ count: z.int(), sample: z.array(person).describe('Up to 20 of them.') });

const preview = z
  .object({
    group: z.object({ groupId: z.string(), displayName: z.string().nullable() }).nullable(),
    people: z.int().nullable().describe('In the tenant; null where the rights do not tell.'),
    inScope: z.int(),
    guests: z.int(),
    disabled: z.int().describe('In scope, but may not sign in.'),
    gain: side,
    lose: side,
    firstSync: z.boolean(),
    complete: z.boolean().describe('False: the reading stopped at a limit; counts are at least that.'),
    notes: z.array(z.string()),
  })
  .meta({ id: 'ScopePreview' });

const wantedScope = z.strictObject({
  groupId: guid.nullable().optional().describe('Null: everyone. Left out: as it is stored.'),
  features: z.strictObject({ userSync: z.boolean(), mfaVerification: z.boolean() }).optional(),
  includeGuests: z.boolean().optional(),
});

export const previewRoutes = (options: SetupOptions): Route[] => [
  defineRoute({
    method: 'post',
    path: '/integrations/{integrationId}/preview',
    changesNothing: true,
    summary: 'Who would gain and who would lose by a change, or by the first sync; changes nothing',
    tag: 'setup',
    params: z.object({ integrationId: guid }),
    body: wantedScope,
    answer: { status: 200, description: 'Counts and some names.', schema: preview },
    errors: [404, 409],
    handle: async ({ params: { integrationId }, body, principal }) => {
      const settings = await findIntegration(options.store.integrations, principal, integrationId);
      const wanted = {
        groupId: body.groupId === undefined ? settings.groupId : body.groupId,
        features: body.features ?? settings.features,
        includeGuests: body.includeGuests ?? settings.includeGuests,
      };
      const graph = toGraph(settings, options);
      return { body: await askMicrosoft(() => previewScope(graph, { settings, wanted, users: options.store.users })) };
    },
  }),
];

type Asked = {
  settings: IntegrationSettings;
  wanted: Pick<IntegrationSettings, 'groupId' | 'features' | 'includeGuests'>;
  users: Store['users'];
};

async function previewScope(graph: Graph, { settings, wanted, users }: Asked): Promise<z.infer<typeof preview>> {
  const { groupId } = wanted;
  const group = groupId === null ? null : await graph.readGroup(groupId);
  if (groupId !== null && !group) {
    const { text, cure = '' } = toGroupVerdict(null);
    throw new Problem(409, `${text} ${cure}`);
  }
  const current = new Set<string>();
  for await (const userId of users.idsInScope(settings.tenantId)) current.add(userId);
  const count = createScopeCount(current, wanted);
  const { complete } = await readAll(groupId === null ? graph.userPages() : graph.groupPeoplePages(groupId), count.add);
  const people = await attempt(() => graph.countUsers());
  const { lose, ...found } = count.result();
  const firstSync = current.size === 0;
  return {
    ...found,
    ...{ group, firstSync, complete },
    people: people.refused ? null : people.value,
    // What was not read may still be there: then nobody is said to lose anything.
    lose: complete
      ? { count: lose.count, sample: await nameThem(users, settings.tenantId, lose.sampleIds) }
      : { count: 0, sample: [] },
    notes: toPreviewNotes(settings, wanted, { firstSync }),
  };
}

async function readAll(
  pages: AsyncIterable<GraphPage<DirectoryUser>>,
  add: (person: DirectoryUser) => void,
): Promise<{ complete: boolean }> {
  let read = 0;
  let malformed = 0;
  for await (const page of pages) {
    page.rows.forEach(add);
    malformed += page.malformed;
    read += 1;
    if (read >= MAX_PAGES && page.nextLink !== null) return { complete: false };
  }
  return { complete: malformed === 0 };
}

async function nameThem(users: Store['users'], tenantId: string, userIds: readonly string[]): Promise<PreviewPerson[]> {
  const found = await users.load(userIds.map((userId) => toPersonKey(tenantId, userId)));
  return [...found.values()].map(({ document }) => toPreviewPerson(document));
}
