import type { Group } from '../../tenant/group.js';
import type { DeltaToken } from '../delta.js';
import { freshToken, openRound, toPage } from '../delta.js';
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

/** A big group is spread over pages that repeat the group with other slices of its members (contract 5.4). */
const firstRound = (request: GraphRequest, token: DeltaToken): GraphAnswer => {
  const { tenant } = request.caller;
  const toShape = createGroupShape(namesOf(token));
  const groups = [...tenant.groups.values()].filter(({ id }) => token.ids === null || token.ids.includes(id));
  const rows: Shape[] = [];
  let room = request.world.settings.deltaPageSize;
  for (let slot = token.slot ?? 0; slot < groups.length; slot += 1) {
    const group = groups[slot];
    if (group === undefined) continue;
    let offset = slot === token.slot ? (token.offset ?? 0) : 0;
    const members: unknown[] = [];
    for (; showsMembers(token) && offset < group.slots.length && room > 0; offset += 1) {
      const member = group.slots[offset];
      if (member === undefined) continue;
      members.push(toMember(member.id, member.type));
      room -= 1;
    }
    rows.push({ ...withoutNulls(toShape(group)), ...(members.length > 0 && { 'members@delta': members }) });
    if (showsMembers(token) && offset < group.slots.length)
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
  let room = request.world.settings.deltaPageSize;
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
  const slices = [...members].map(([id, type]) =>
    group.index.has(id) ? toMember(id, type) : { ...toMember(id, type), '@removed': { reason: 'deleted' } },
  );
  const names = changed || token.select === null ? namesOf(token) : ['id'];
  return {
    ...withoutNulls(createGroupShape(names)(group)),
    ...(slices.length > 0 && { 'members@delta': slices }),
  };
};

const changedRound = (request: GraphRequest, token: DeltaToken): GraphAnswer => {
  const { touched, version, complete } = collect(request, token);
  const rows = [...touched].map(([id, what]) => {
    const group = request.caller.tenant.groups.get(id);
    return group === undefined ? { id, '@removed': { reason: 'deleted' } } : toChangedRow(token, group, what);
  });
  return ok(toPage(request, rows, complete ? { done: token } : { next: { ...token, version } }));
};

const groupsDelta = (request: GraphRequest): GraphAnswer => {
  const token = openRound(request, ROUND);
  if (token === 'latest') return ok(toPage(request, [], { done: freshToken(request, ROUND) }));
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
