import type { User, UserField } from '../../tenant/user.js';
import { USER_FIELDS, WHOLE } from '../../tenant/user.js';
import type { DeltaToken } from '../delta.js';
import { blankPage, freshToken, openRound, toPage, wantsMinimal } from '../delta.js';
import type { Operation } from '../operation.js';
import { READ_USER_PROPERTIES } from '../permissions.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { ok, roomOf } from '../request.js';
import type { Shape } from '../shape-user.js';
import { DEFAULT_USER_PROPERTIES, USER_NAMES, createUserShape } from '../shape-user.js';

const ROUND = { kind: 'users', known: USER_NAMES } as const;

const bitOf = (property: string): number => {
  const field = property === 'businessPhones' ? 'businessPhone' : property;
  const index = USER_FIELDS.indexOf(field as UserField);
  return index === -1 ? 0 : 1 << index;
};
const maskOfProperties = (properties: readonly string[]) => properties.reduce((mask, name) => mask | bitOf(name), 0);

const namesOf = ({ select }: DeltaToken) => [...new Set(['id', ...(select ?? DEFAULT_USER_PROPERTIES)])];

/** What was never set is left out; what was cleared is null; `return=minimal` shows changed properties only. */
const toRow = (shape: Shape, { mask, minimal }: { mask: number; minimal: boolean }): Shape =>
  Object.fromEntries(
    Object.entries(shape).filter(([name, value]) => {
      if (name === 'id') return true;
      const changed = (mask & bitOf(name)) !== 0;
      if (minimal) return changed;
      return (value !== null && !(Array.isArray(value) && value.length === 0)) || (changed && mask !== WHOLE);
    }),
  );

const removed = (id: string, reason: 'changed' | 'deleted') => ({ id, '@removed': { reason } });

const firstRound = (request: GraphRequest, token: DeltaToken): GraphAnswer => {
  const slots = request.view.users();
  const { removedInFirstRound } = request.world.settings.switches;
  const toShape = createUserShape(namesOf(token));
  const wanted = token.ids === null ? null : new Set(token.ids);
  const room = roomOf(request, request.world.settings.pageSizes.delta);
  const rows: Shape[] = [];
  for (let slot = token.slot ?? 0; slot < slots.length; slot += 1) {
    const user = slots[slot];
    if (user === undefined || (wanted && !wanted.has(user.id))) continue;
    if (user.deletedAt !== null && !removedInFirstRound) continue;
    if (rows.length === room) return ok(toPage(request, rows, { next: { ...token, slot } }));
    const row = user.deletedAt === null ? toRow(toShape(user), { mask: 0, minimal: false }) : null;
    rows.push(row ?? removed(user.id, 'changed'));
  }
  return ok(toPage(request, rows, { done: token }));
};

type Touched = { readonly masks: Map<string, number>; readonly version: number; readonly complete: boolean };

/** The people touched after `version`, at most a page of them, each with all bits that changed. */
const collect = (request: GraphRequest, token: DeltaToken): Touched => {
  const { log } = request.caller.tenant;
  const until = token.until ?? log.version();
  const tracked = token.select === null ? WHOLE : maskOfProperties(token.select);
  const wanted = token.ids === null ? null : new Set(token.ids);
  const room = roomOf(request, request.world.settings.pageSizes.delta);
  const masks = new Map<string, number>();
  const entries = log.entries();
  let version = token.version;
  for (let position = log.positionAfter(token.version); position < entries.length; position += 1) {
    const change = entries[position];
    if (change === undefined || change.version > until) break;
    if (change.type === 'user' && (wanted === null || wanted.has(change.id))) {
      const matters = change.what !== 'updated' || (change.mask & tracked) !== 0;
      if (matters && !masks.has(change.id) && masks.size === room) return { masks, version, complete: false };
      if (matters) masks.set(change.id, (masks.get(change.id) ?? 0) | change.mask);
    }
    version = change.version;
  }
  return { masks, version: until, complete: true };
};

const changedRound = (request: GraphRequest, token: DeltaToken): GraphAnswer => {
  const { masks, version, complete } = collect(request, token);
  const toShape = createUserShape(namesOf(token));
  const minimal = wantsMinimal(request);
  const toDeltaRow = (id: string, mask: number, user: User | undefined): Shape => {
    if (user === undefined) return removed(id, 'deleted');
    return user.deletedAt === null ? toRow(toShape(user), { mask, minimal }) : removed(id, 'changed');
  };
  const rows = [...masks].map(([id, mask]) => toDeltaRow(id, mask, request.view.user(id)));
  return ok(toPage(request, rows, complete ? { done: token } : { next: { ...token, version } }));
};

const usersDelta = (request: GraphRequest): GraphAnswer => {
  const token = openRound(request, ROUND);
  if (token === 'latest') return ok(toPage(request, [], { done: freshToken(request, ROUND) }));
  const blank = blankPage(request, token);
  if (blank !== null) return blank;
  return token.slot === undefined ? changedRound(request, token) : firstRound(request, token);
};

export const USER_DELTA_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/users/delta',
    permissions: READ_USER_PROPERTIES,
    scope: 'identity',
    units: 1,
    handle: usersDelta,
  },
];
