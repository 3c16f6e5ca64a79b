import { z } from 'zod';
import type { ResetForm } from '../faults.js';
import type { ChangeLog } from '../tenant/change-log.js';
import { GraphFault, badRequest, unsupportedQuery } from './fault.js';
import { keysOf, parseFilter } from './filter.js';
import { readSelect, refuseOptions } from './query.js';
import type { GraphAnswer, GraphRequest } from './request.js';
import { ok, placeOf, readToken, toLink } from './request.js';

const LARGEST_FILTER = 50;

/** What a delta link carries; clients see it as opaque text. */
const tokenSchema = z.object({
  kind: z.enum(['users', 'groups']),
  tenantId: z.string(),
  epoch: z.string(),
  issuedAt: z.number(),
  /** Changes up to here are known to the holder. */
  version: z.int().min(0),
  select: z.array(z.string()).nullable(),
  ids: z.array(z.string()).nullable(),
  /** In a `$skiptoken`: a first full round goes on at this place, a round of changes up to `until`. */
  slot: z.int().min(0).optional(),
  /** Of groups: with the one of this id, or what follows it. */
  from: z.string().optional(),
  offset: z.int().min(0).optional(),
  until: z.int().min(0).optional(),
  /** The page before this one was left empty on purpose. */
  blank: z.boolean().optional(),
});
export type DeltaToken = z.infer<typeof tokenSchema>;
type Kind = DeltaToken['kind'];

const restartUrl = (request: GraphRequest, kind: Kind) => `${request.base}/${kind}/delta?$deltatoken=`;

const toReset = (form: ResetForm, location: string): GraphFault => {
  switch (form) {
    case 'gone':
      return new GraphFault(410, 'resyncRequired', 'Resync required. Replace any local items.', { Location: location });
    case 'resyncRequired':
      return new GraphFault(400, 'resyncRequired', 'Resync required. Replace any local items.');
    case 'resync':
      return new GraphFault(400, 'syncStateNotFound', 'The sync state generation is not found.');
    case 'unsupported':
      return unsupportedQuery('DeltaLink older than 30 days is not supported.');
  }
};

/** The version is one that this directory still tells changes from, also after a restart of the simulator. */
const isKnown = ({ world, caller }: GraphRequest, token: DeltaToken, log: ChangeLog): boolean => {
  const reached =
    token.epoch === world.epoch
      ? log.version()
      : world.earlierEpochs.find(({ id }) => id === token.epoch)?.lastVersions[caller.tenant.id];
  return reached !== undefined && token.version <= reached && token.version >= log.forgotten();
};

const readKnown = (request: GraphRequest, kind: Kind, text: string): DeltaToken => {
  const token = readToken(tokenSchema, text);
  const { world, caller, now } = request;
  if (token?.kind !== kind || token.tenantId !== caller.tenant.id) throw badRequest('Badly formed token.');
  const forced = world.faults.take('deltaReset', placeOf(request));
  if (forced !== null) throw toReset(forced.form, restartUrl(request, kind));
  const form = world.faults.plan().deltaReset;
  // Places in lists are given anew when the simulator starts.
  const isPlace = token.slot !== undefined || token.from !== undefined;
  if (isPlace && token.epoch !== world.epoch) throw toReset(form, restartUrl(request, kind));
  if (now - token.issuedAt > world.settings.lifetimes.deltaToken || !isKnown(request, token, caller.tenant.log))
    throw toReset(form, restartUrl(request, kind));
  return token;
};

const readIds = (query: URLSearchParams): string[] | null => {
  const text = query.get('$filter');
  if (text === null) return null;
  const ids = keysOf(parseFilter(text), 'id');
  if (ids === null) throw unsupportedQuery('Only id eq is supported as filter for delta queries.');
  if (ids.length > LARGEST_FILTER) throw unsupportedQuery(`The filter names more than ${LARGEST_FILTER} objects.`);
  return ids.map((id) => id.toLowerCase());
};

/** Starts a round, or goes on where the link in hand left off. */
export const openRound = (
  request: GraphRequest,
  { kind, known }: { kind: Kind; known: ReadonlySet<string> },
): DeltaToken | 'latest' => {
  const { query, world, caller, view, now } = request;
  if (caller.tenant.kind !== 'workforce') throw badRequest('Delta queries are not available in this kind of tenant.');
  refuseOptions(query, ['$expand', '$top', '$orderby', '$search', '$skip']);
  const skip = query.get('$skiptoken');
  if (skip !== null) {
    refuseOptions(query, ['$select', '$filter']);
    return readKnown(request, kind, skip);
  }
  const held = query.get('$deltatoken');
  if (held === 'latest') return 'latest';
  if (held !== null && held !== '') {
    const token = readKnown(request, kind, held);
    const replay = world.faults.take('deltaReplay', placeOf(request))?.changes ?? 0;
    const version = Math.max(caller.tenant.log.forgotten(), token.version - replay);
    // A new round of changes ends at what is newest now, as far as this replica knows.
    return { ...token, version, until: Math.max(version, view.version()), issuedAt: now };
  }
  return { ...freshToken(request, { kind, known }), slot: 0, epoch: world.epoch };
};

/** Knows everything up to now. */
export const freshToken = (
  { query, world, caller, view, now }: GraphRequest,
  { kind, known }: { kind: Kind; known: ReadonlySet<string> },
): DeltaToken => {
  const select = readSelect(query, { known, type: `microsoft.graph.${kind.slice(0, -1)}` });
  return {
    kind,
    tenantId: caller.tenant.id,
    epoch: world.epoch,
    issuedAt: now,
    version: view.version(),
    select: select === null ? null : [...select],
    ids: readIds(query),
  };
};

/** A page without rows that has a next link all the same; never two in a row (contract 5.1). */
export const blankPage = (request: GraphRequest, token: DeltaToken): GraphAnswer | null => {
  if (token.blank === true || request.world.faults.take('emptyPage', placeOf(request)) === null) return null;
  return ok(toPage(request, [], { next: { ...token, blank: true } }));
};

/** A page ends in exactly one of the two links. */
export const toPage = (request: GraphRequest, value: unknown[], link: { next: DeltaToken } | { done: DeltaToken }) => {
  const to = (kind: Kind, name: string, token: DeltaToken) => toLink(request.base, `/${kind}/delta`, { name, token });
  const given = 'next' in link ? link.next : link.done;
  const token = value.length === 0 ? given : { ...given, blank: false };
  return {
    '@odata.context': `${request.base}/$metadata#${token.kind}`,
    ...('next' in link
      ? { '@odata.nextLink': to(token.kind, '$skiptoken', token) }
      : { '@odata.deltaLink': to(token.kind, '$deltatoken', closeRound(request, token)) }),
    value,
  };
};

const closeRound = ({ world, now }: GraphRequest, token: DeltaToken): DeltaToken => ({
  kind: token.kind,
  tenantId: token.tenantId,
  epoch: world.epoch,
  issuedAt: now,
  version: token.until ?? token.version,
  select: token.select,
  ids: token.ids,
});

export const wantsMinimal = ({ header }: GraphRequest): boolean => /\breturn=minimal\b/i.test(header('prefer') ?? '');
