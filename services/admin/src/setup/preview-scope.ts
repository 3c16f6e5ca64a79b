import { z } from 'zod';
import { toPersonKey, type DirectoryUser, type IntegrationSettings } from '@muster/contracts';
import type { Graph, GraphPage } from '@muster/graph-client';
import type { Store } from '@muster/store';
import { Problem } from '../http/problem.js';
import { toGroupVerdict } from './domain/check-verdicts.js';
import {
  createScopeCount,
  isInReport,
  SAMPLE,
  toNamelessPerson,
  toPreviewNotes,
  toPreviewPerson,
  type PreviewPerson,
} from './domain/preview.js';
import { attempt } from './explain-failure.js';

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

export const scopePreview = z
  .object({
    group: z.object({ groupId: z.string(), displayName: z.string().nullable() }).nullable(),
    people: z.int().nullable().describe('In the tenant; null where the rights do not tell.'),
    inScope: z.int().nullable().describe('Null where nobody is read: MFA verification alone, without a group.'),
    guests: z.int(),
    disabled: z.int().describe('In scope, but may not sign in.'),
    gain: side,
    lose: side,
    firstSync: z.boolean(),
    complete: z.boolean().describe('False: the reading stopped at a limit; counts are at least that.'),
    notes: z.array(z.string()),
  })
  .meta({ id: 'ScopePreview' });
export type ScopePreview = z.infer<typeof scopePreview>;

type Asked = {
  settings: IntegrationSettings;
  wanted: Pick<IntegrationSettings, 'groupId' | 'features' | 'includeGuests'>;
  store: Pick<Store, 'users' | 'mfa'>;
};

/**
 * Reads who would be in scope and compares them with the documents; for MFA verification alone, with the rows of the
 * report. Throws what Graph answered, and 409 for a group that is not there.
 */
export async function previewScope(graph: Graph, asked: Asked): Promise<ScopePreview> {
  const preview = await previewCovered(graph, asked);
  const { settings, wanted, store } = asked;
  if (!settings.features.userSync || wanted.features.userSync) return preview;
  return { ...preview, lose: await findEveryone(store.users, settings.tenantId) };
}

/** Without User Sync nobody signs in, whomever the report covers. */
async function findEveryone(users: Store['users'], tenantId: string): Promise<ScopePreview['lose']> {
  const userIds = [...(await readCurrent({ users }, tenantId))];
  return { count: userIds.length, sample: await nameThem(users, tenantId, userIds.slice(0, SAMPLE)) };
}

async function previewCovered(graph: Graph, { settings, wanted, store }: Asked): Promise<ScopePreview> {
  const { groupId } = wanted;
  if (!wanted.features.userSync && groupId === null) return previewReportAlone(settings, wanted);
  const group = groupId === null ? null : await graph.readGroup(groupId);
  if (groupId !== null && !group) {
    const { text, cure = '' } = toGroupVerdict(null);
    throw new Problem(409, `${text} ${cure}`);
  }
  const { tenantId } = settings;
  const { userSync } = wanted.features;
  const current = await readCurrent(userSync ? { users: store.users } : { mfa: store.mfa }, tenantId);
  const count = createScopeCount(current, wanted);
  const pages = groupId === null ? graph.userPages() : graph.groupPeoplePages(groupId);
  const { complete } = await readAll(pages, (one) => {
    if (userSync || isInReport(one)) count.add(one);
  });
  const people = await attempt(() => graph.countUsers());
  const { lose, ...found } = count.result();
  const firstSync = current.size === 0;
  return {
    ...found,
    ...{ group, firstSync, complete },
    people: people.refused ? null : people.value,
    // What was not read may still be there: then nobody is said to lose anything.
    lose: complete
      ? { count: lose.count, sample: await nameThem(store.users, tenantId, lose.sampleIds) }
      : { count: 0, sample: [] },
    notes: toPreviewNotes(settings, wanted, { firstSync }),
  };
}

/** Whom the report names is known when it is read; people are neither read nor synced, so nobody gains or loses. */
const previewReportAlone = (settings: Asked['settings'], wanted: Asked['wanted']): ScopePreview => ({
  ...{ group: null, people: null, inScope: null, guests: 0, disabled: 0 },
  ...{ gain: { count: 0, sample: [] }, lose: { count: 0, sample: [] }, firstSync: settings.startedAt === null },
  ...{ complete: true, notes: toPreviewNotes(settings, wanted, { firstSync: false }) },
});

/** Who is in scope today; for MFA verification alone, whom the newest report named. */
async function readCurrent(
  from: Pick<Asked['store'], 'users'> | Pick<Asked['store'], 'mfa'>,
  tenantId: string,
): Promise<Set<string>> {
  const current = new Set<string>();
  if ('users' in from) for await (const userId of from.users.idsInScope(tenantId)) current.add(userId);
  else for await (const { userId, stale } of from.mfa.ids(tenantId)) if (!stale) current.add(userId);
  return current;
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
  return userIds.map((userId) => {
    const known = found.get(toPersonKey(tenantId, userId));
    return known ? toPreviewPerson(known.document) : toNamelessPerson(userId);
  });
}
