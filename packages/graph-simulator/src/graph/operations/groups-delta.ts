import type { Group } from '../../tenant/group.js';
import type { DeltaToken } from '../delta.js';
import { blankPage, freshToken, openRound, toPage } from '../delta.js';
import type { Operation } from '../operation.js';
import { READ_GROUP_DELTA } from '../permissions.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { ok } from '../request.js';
import { DEFAULT_GROUP_PROPERTIES, GROUP_NAMES, createGroupShape } from '../shape-group.js';
import type { Shape } from '../shape-user.js';

const ROUND = { kind: 'groups', known: new Set([...GROUP_NAMES, 'members']) } as const;

const showsMembers = ({ select }: DeltaToken) => select === null || select.includes('members');
const namesOf = ({ select }: DeltaToken) => [
  ...new Set(['id', ...(select ?? DEFAULT_GROUP_PROPERTIES).filter((name) => name !== 'members')]),
];

const toMember = (id: string, type: 'user' | 'group') => ({ '@odata.type': `#microsoft.graph.${type}`, id });

const withoutNulls = (shape: Shape): Shape =>
  Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== null));

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
  const groups = [...request.view.groups()].filter(({ id }) => token.ids === null || token.ids.includes(id));
  const rows: Shape[] = [];
  let room = request.world.settings.pageSizes.delta;
  for (let slot = token.slot ?? 0; slot < groups.length; slot += 1) {
    const group = groups[slot];
    if (group === undefined) continue;
    if (group.deletedAt !== null) {
      if (removedInFirstRound) rows.push({ id: group.id, '@removed': { reason: 'changed' } });
      continue;
    }
    const slots = request.view.members(group);
    let offset = slot === token.slot ? (token.offset ?? 0) : 0;
    const members: unknown[] = [];
    for (; showsMembers(token) && offset < slots.length && room > 0; offset += 1) {
      const member = slots[offset];
      if (member === undefined) continue;
      members.push(toMember(member.id, member.type));
      room -= 1;
    }
    if (removedInFirstRound && showsMembers(token) && offset >= slots.length)
      members.push(...formerMembers(request, group));
    rows.push({ ...withoutNulls(toShape(group)), ...(members.length > 0 && { 'members@delta': members }) });
    if (showsMembers(token) && offset < slots.length)
      return ok(toPage(request, rows, { next: { ...token, slot, offset } }));
  }
  return ok(toPage(request, rows, { done: token }));
};

type Touched = { changed: boolean; readonly members: Map<string, 'user' | 'group'> };

const collect = (request: GraphRequest, token: DeltaToken) => {
  const { log } = request.caller.tenant;
  const until = token.until ?? log.version();
  const touched = new Map<string, Touched>();
  const entries = log.entries();
  let room = request.world.settings.pageSizes.delta;
  for (let position = log.positionAfter(token.version); position < entries.length; position += 1) {
    const change = entries[position];
    if (change === undefined || change.version > until) break;
    if (change.type === 'user' || (token.ids !== null && !token.ids.includes(change.id))) continue;
    if (change.type === 'member' && !showsMembers(token)) continue;
    if (room === 0) return { touched, version: change.version - 1, complete: false };
    room -= 1;
    const group = touched.get(change.id) ?? { changed: false, members: new Map<string, 'user' | 'group'>() };
    touched.set(change.id, group);
    if (change.type === 'group') group.changed = true;
    else group.members.set(change.memberId, change.memberType);
  }
  return { touched, version: until, complete: true };
};

const toChangedRow = (token: DeltaToken, group: Group, { changed, members }: Touched): Shape => {
  const slices = [...members].map(([id, type]) => (group.index.has(id) ? toMember(id, type) : removedMember(id, type)));
  const names = changed || token.select === null ? namesOf(token) : ['id'];
  return {
    ...withoutNulls(createGroupShape(names)(group)),
    ...(slices.length > 0 && { 'members@delta': slices }),
  };
};

const changedRound = (request: GraphRequest, token: DeltaToken): GraphAnswer => {
  const { touched, version, complete } = collect(request, token);
  const rows = [...touched].map(([id, what]) => {
    const group = request.view.group(id);
    if (group === undefined) return { id, '@removed': { reason: 'deleted' } };
    return group.deletedAt === null ? toChangedRow(token, group, what) : { id, '@removed': { reason: 'changed' } };
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
