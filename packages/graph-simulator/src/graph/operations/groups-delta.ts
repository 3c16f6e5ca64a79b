import type { Change } from '../../tenant/change-log.js';
import type { Group } from '../../tenant/group.js';
import { GROUP_FIELDS } from '../../tenant/group.js';
import type { DeltaToken } from '../delta.js';
import { blankPage, freshToken, openRound, toPage, wantsMinimal } from '../delta.js';
import type { Operation } from '../operation.js';
import { orderedFrom } from '../page-by-id.js';
import { READ_GROUP_DELTA } from '../permissions.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { ok, roomOf } from '../request.js';
import { DEFAULT_GROUP_PROPERTIES, GROUP_NAMES, createGroupShape } from '../shape-group.js';
import type { Shape } from '../shape-user.js';

const ROUND = { kind: 'groups', known: new Set([...GROUP_NAMES, 'members']) } as const;

const showsMembers = ({ select }: DeltaToken) => select === null || select.includes('members');
const namesOf = ({ select }: DeltaToken) => [
  ...new Set(['id', ...(select ?? DEFAULT_GROUP_PROPERTIES).filter((name) => name !== 'members')]),
];

const toMember = (id: string, type: 'user' | 'group') => ({ '@odata.type': `#microsoft.graph.${type}`, id });

const isSet = ([, value]: [string, unknown]) => value !== null;
const filtered = (shape: Shape, keep: (entry: [string, unknown]) => boolean): Shape =>
  Object.fromEntries(Object.entries(shape).filter(keep));

const removedMember = (id: string, type: 'user' | 'group') => ({
  ...toMember(id, type),
  '@removed': { reason: 'deleted' },
});

/** Those who left as far back as the log reaches (contract 5.4). */
const formerMembers = ({ caller }: GraphRequest, group: Group) => {
  const left = new Map<string, 'user' | 'group'>();
  for (const change of caller.tenant.log.entries())
    if (change.type === 'member' && change.id === group.id && !group.index.has(change.memberId))
      left.set(change.memberId, change.memberType);
  return [...left].map(([id, type]) => removedMember(id, type));
};

/** A big group is spread over pages that repeat the group with other slices of its members (contract 5.4). */
const firstRound = (request: GraphRequest, token: DeltaToken): GraphAnswer => {
  const { removedInFirstRound } = request.world.settings.switches;
  const toShape = createGroupShape(namesOf(token));
  const wanted = [...request.view.groups()].filter(({ id }) => token.ids === null || token.ids.includes(id));
  const rows: Shape[] = [];
  let room = request.world.settings.pageSizes.delta;
  for (const group of orderedFrom(wanted, token.from ?? '')) {
    const goOn = (offset: number) => ok(toPage(request, rows, { next: { ...token, from: group.id, offset } }));
    if (rows.length === request.world.settings.pageSizes.delta) return goOn(0);
    if (group.deletedAt !== null) {
      if (removedInFirstRound) rows.push({ id: group.id, '@removed': { reason: 'changed' } });
      continue;
    }
    const slots = request.view.members(group);
    let offset = group.id === token.from ? (token.offset ?? 0) : 0;
    const members: unknown[] = [];
    for (; showsMembers(token) && offset < slots.length && room > 0; offset += 1) {
      const member = slots[offset];
      if (member === undefined) continue;
      members.push(toMember(member.id, member.type));
      room -= 1;
    }
    if (removedInFirstRound && showsMembers(token) && offset >= slots.length)
      members.push(...formerMembers(request, group));
    rows.push({ ...filtered(toShape(group), isSet), ...(members.length > 0 && { 'members@delta': members }) });
    if (showsMembers(token) && offset < slots.length) return goOn(offset);
  }
  return ok(toPage(request, rows, { done: token }));
};

type GroupChange = Extract<Change, { type: 'group' }>;
type Touched = {
  /** Created or restored: it comes as if it had not been there before. */
  isNew: boolean;
  isRestored: boolean;
  readonly names: Set<string>;
  readonly members: Map<string, 'user' | 'group'>;
};

/** What an update changed that this query tracks; anything else matters to every query. */
const trackedNames = ({ what, fields = GROUP_FIELDS }: GroupChange, { select }: DeltaToken): readonly string[] =>
  what === 'updated' ? fields.filter((name) => select === null || select.includes(name)) : [];

const isTracked = (change: GroupChange | Extract<Change, { type: 'member' }>, token: DeltaToken): boolean => {
  if (change.type === 'member') return showsMembers(token);
  // Owners cannot be selected: without `$select` the group comes again, as it was.
  if (change.what === 'owners') return token.select === null;
  return change.what !== 'updated' || trackedNames(change, token).length > 0;
};

const collect = (request: GraphRequest, token: DeltaToken) => {
  const { log } = request.caller.tenant;
  const until = token.until ?? log.version();
  const touched = new Map<string, Touched>();
  const entries = log.entries();
  let room = roomOf(request, request.world.settings.pageSizes.delta);
  for (let position = log.positionAfter(token.version); position < entries.length; position += 1) {
    const change = entries[position];
    if (change === undefined || change.version > until) break;
    if (change.type === 'user' || (token.ids !== null && !token.ids.includes(change.id))) continue;
    if (!isTracked(change, token)) continue;
    if (room === 0) return { touched, version: change.version - 1, complete: false };
    room -= 1;
    const group = touched.get(change.id) ?? { isNew: false, isRestored: false, names: new Set(), members: new Map() };
    touched.set(change.id, group);
    if (change.type === 'member') group.members.set(change.memberId, change.memberType);
    else {
      group.isRestored ||= change.what === 'restored';
      group.isNew ||= group.isRestored || change.what === 'created';
      for (const name of trackedNames(change, token)) group.names.add(name);
    }
  }
  return { touched, version: until, complete: true };
};

const slicesOf = (request: GraphRequest, token: DeltaToken, { group, what }: { group: Group; what: Touched }) => {
  const members = new Map(what.members);
  if (what.isRestored && showsMembers(token))
    for (const member of request.view.members(group)) if (member !== undefined) members.set(member.id, member.type);
  const all = [...members].map(([id, type]) =>
    request.view.isMember(group, id) ? toMember(id, type) : removedMember(id, type),
  );
  const { delta: size } = request.world.settings.pageSizes;
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
};

/** One row, or several with a slice of the members each: a restored group brings all of its own. */
const toChangedRows = (request: GraphRequest, token: DeltaToken, found: { group: Group; what: Touched }): Shape[] => {
  const { isNew, names } = found.what;
  const minimal = wantsMinimal(request) && !isNew;
  const head = filtered(createGroupShape(namesOf(token))(found.group), (entry) => {
    const [name] = entry;
    return name === 'id' || (names.has(name) && !isNew) || (!minimal && isSet(entry));
  });
  const slices = slicesOf(request, token, found);
  return slices.length === 0 ? [head] : slices.map((slice) => ({ ...head, 'members@delta': slice }));
};

const changedRound = (request: GraphRequest, token: DeltaToken): GraphAnswer => {
  const { touched, version, complete } = collect(request, token);
  const rows = [...touched].flatMap(([id, what]): Shape[] => {
    const group = request.view.group(id);
    if (group === undefined) return [{ id, '@removed': { reason: 'deleted' } }];
    return group.deletedAt === null
      ? toChangedRows(request, token, { group, what })
      : [{ id, '@removed': { reason: 'changed' } }];
  });
  return ok(toPage(request, rows, complete ? { done: token } : { next: { ...token, version } }));
};

const groupsDelta = (request: GraphRequest): GraphAnswer => {
  const token = openRound(request, ROUND);
  if (token === 'latest') return ok(toPage(request, [], { done: freshToken(request, ROUND) }));
  const blank = blankPage(request, token);
  if (blank !== null) return blank;
  return token.slot === undefined ? changedRound(request, token) : firstRound(request, token);
};

export const GROUP_DELTA_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/groups/delta',
    permissions: READ_GROUP_DELTA,
    scope: 'identity',
    units: 1,
    handle: groupsDelta,
  },
];
