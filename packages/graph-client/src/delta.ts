import { Failure, isFailure, USER_SELECT } from '@muster/contracts';
import { z } from 'zod';
import type { DeltaGroup, DeltaMember, DeltaPage, DeltaUser } from './graph.js';
import { createTrail } from './follow-links.js';
import { FOREIGN_LINK, type GraphAnswer, type Transport } from './microsoft-graph.js';
import { toDirectoryUser } from './to-directory-user.js';

/** What Graph takes in one `$filter=id eq … or …` of a delta query. */
export const GROUPS_PER_DELTA = 50;

export type DeltaOptions = {
  /** A link that an earlier round gave. */
  from?: string | undefined;
  /** Only a token for everything from now on. */
  latest?: boolean;
};
type GroupDeltaOptions = DeltaOptions & { groupIds: readonly string[] };

export const userDeltaPages = (
  transport: Transport,
  { from, latest = false }: DeltaOptions = {},
): AsyncIterable<DeltaPage<DeltaUser>> =>
  readDelta({ transport, from, start: start('/users/delta', { latest, select: USER_SELECT }), toRow: toDeltaUser });

export function groupDeltaPages(
  transport: Transport,
  { groupIds, from, latest = false }: GroupDeltaOptions,
): AsyncIterable<DeltaPage<DeltaGroup>> {
  if (groupIds.length === 0 || groupIds.length > GROUPS_PER_DELTA)
    throw new RangeError(`a delta query names 1 to ${GROUPS_PER_DELTA} groups, not ${groupIds.length}`);
  const filter = groupIds.map((id) => `id eq '${id}'`).join(' or ');
  const path = start('/groups/delta', { latest, select: 'id,displayName,members', filter });
  return readDelta({ transport, from, start: path, toRow: toDeltaGroup });
}

type Start = { latest: boolean; select: string; filter?: string };

function start(path: string, { latest, select, filter }: Start): string {
  const options = [`$select=${select}`];
  if (filter !== undefined) options.push(`$filter=${encodeURIComponent(filter)}`);
  if (latest) options.push('$deltatoken=latest');
  return `${path}?${options.join('&')}`;
}

type Reading<T> = {
  transport: Transport;
  from: string | undefined;
  start: string;
  toRow: (row: unknown) => T | null;
};

/**
 * Links are followed verbatim to the deltaLink (https://learn.microsoft.com/graph/delta-query-overview); a page may be
 * empty and still have a next one.
 */
async function* readDelta<T>({ transport, from, start: first, toRow }: Reading<T>): AsyncGenerator<DeltaPage<T>> {
  const what = 'read changes';
  let holdsToken = from !== undefined;
  const follow = createTrail(from ?? first, what);
  for (let link: string | null = from ?? first; link !== null;) {
    const asking: Promise<GraphAnswer> = transport({ method: 'GET', path: link, what });
    const reject = link === from ? rejectStoredAsGone : rejectAsGone;
    const { body, observedAt } = await (holdsToken ? asking.catch(reject) : asking);
    const { value, nextLink, deltaLink } = readDeltaPage(body, what);
    follow(nextLink);
    const rows = value.map(toRow);
    const good = rows.flatMap((row) => (row === null ? [] : [row]));
    yield { rows: good, malformed: rows.length - good.length, nextLink, deltaLink, observedAt };
    link = nextLink;
    holdsToken = true;
  }
}

/**
 * Graph refuses an expired or reset token in many ways: 410, 400 Request_UnsupportedQuery, syncStateNotFound and others.
 * So any 4xx that is not about rights or throttling counts as one.
 */
function rejectAsGone(error: unknown): never {
  if (!isFailure(error)) throw error;
  const { status } = error.details;
  const isTokens = typeof status === 'number' && status >= 400 && status < 500;
  if (!isTokens || error.retryable || [401, 403, 429].includes(status)) throw error;
  throw new Failure('graph.gone', error.message, { retryable: false, cause: error, details: error.details });
}

/** A link kept from when Graph had another address (another cloud, a simulator on another port) is of no use here. */
function rejectStoredAsGone(error: unknown): never {
  if (!isFailure(error) || error.details[FOREIGN_LINK] !== true) return rejectAsGone(error);
  const message = 'read changes: the cursor belongs to another address of Graph';
  throw new Failure('graph.gone', message, { retryable: false, cause: error });
}

const pageShape = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().nullish(),
  '@odata.deltaLink': z.string().nullish(),
});

/** Exactly one of the links: without either it cannot be told whether everything was read. */
function readDeltaPage(body: unknown, what: string) {
  const page = pageShape.safeParse(body).data;
  const nextLink = page?.['@odata.nextLink'] ?? null;
  const deltaLink = page?.['@odata.deltaLink'] ?? null;
  if (!page || (nextLink === null) === (deltaLink === null))
    throw new Failure('graph.malformed', `${what}: Graph's page is not one of a delta query`, { retryable: true });
  return { value: page.value, nextLink, deltaLink };
}

const removedShape = z.object({ '@removed': z.unknown().optional(), id: z.guid() });

/** `deleted` = gone for good; all else can be restored. Null: the object is there. */
function readRemoved(row: unknown): { id: string; removed: 'soft' | 'hard' } | null {
  const parsed = removedShape.safeParse(row).data;
  const told = parsed?.['@removed'];
  if (!parsed || told === undefined || told === null) return null;
  const reason = typeof told === 'object' && 'reason' in told ? told.reason : told;
  return { id: parsed.id.toLowerCase(), removed: reason === 'deleted' ? 'hard' : 'soft' };
}

function toDeltaUser(row: unknown): DeltaUser | null {
  const gone = readRemoved(row);
  if (gone) return { userId: gone.id, user: null, removed: gone.removed };
  const user = toDirectoryUser(row);
  return user && { userId: user.userId, user };
}

const groupShape = z.object({
  id: z.guid(),
  displayName: z.string().nullish(),
  'members@delta': z
    .array(z.object({ id: z.guid(), '@odata.type': z.string().nullish(), '@removed': z.unknown().optional() }))
    .nullish(),
});

/** Slices of one group come on several pages: who asks merges them. */
function toDeltaGroup(row: unknown): DeltaGroup | null {
  const gone = readRemoved(row);
  if (gone) return { groupId: gone.id, removed: gone.removed, members: [] };
  const group = groupShape.safeParse(row).data;
  if (!group) return null;
  const members = (group['members@delta'] ?? []).flatMap((member): DeltaMember[] => {
    const kind = toKind(member['@odata.type']);
    const told = member['@removed'];
    return kind === null ? [] : [{ id: member.id.toLowerCase(), kind, removed: told !== undefined && told !== null }];
  });
  return { groupId: group.id.toLowerCase(), removed: null, displayName: group.displayName, members };
}

/** A member that does not say what it is may be a group: that costs a read of the tree, no mistake. */
function toKind(type: string | null | undefined): 'user' | 'group' | null {
  if (type === undefined || type === null || /\.group$/i.test(type)) return 'group';
  return /\.user$/i.test(type) ? 'user' : null;
}
