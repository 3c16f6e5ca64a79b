import { unsupportedQuery } from './fault.js';
import type { Comparison } from './filter.js';
import type { Group } from '../tenant/group.js';
import type { Shape } from './shape-user.js';
import { toTime } from './shape-user.js';

const GROUP_PROPERTIES: ReadonlyMap<string, (group: Group) => unknown> = new Map<string, (group: Group) => unknown>([
  ['id', (group) => group.id],
  ['deletedDateTime', (group) => (group.deletedAt === null ? null : toTime(group.deletedAt))],
  ['classification', () => null],
  ['createdDateTime', (group) => toTime(group.createdAt)],
  ['description', (group) => group.description],
  ['displayName', (group) => group.displayName],
  ['groupTypes', (group) => (group.unified ? ['Unified'] : [])],
  ['mail', () => null],
  ['mailEnabled', (group) => group.unified],
  ['mailNickname', (group) => group.id.slice(0, 8)],
  ['membershipRule', () => null],
  ['onPremisesSyncEnabled', () => null],
  ['securityEnabled', (group) => !group.unified],
  ['visibility', () => null],
]);

export const GROUP_NAMES: ReadonlySet<string> = new Set(GROUP_PROPERTIES.keys());
export const DEFAULT_GROUP_PROPERTIES: readonly string[] = [...GROUP_NAMES];

/** What a group may be filtered by, and how; Microsoft's list is longer. */
const COMPARABLE: Readonly<Record<string, readonly Comparison['type'][]>> = {
  id: ['eq', 'in'],
  displayName: ['eq', 'in', 'startsWith'],
  mailNickname: ['eq', 'in', 'startsWith'],
  mailEnabled: ['eq', 'ne'],
  securityEnabled: ['eq', 'ne'],
  groupTypes: ['has'],
};

export const readGroupProperty = (name: string, type: Comparison['type']): ((group: Group) => unknown) => {
  const read = GROUP_PROPERTIES.get(name);
  if (read === undefined || COMPARABLE[name]?.includes(type) !== true)
    throw unsupportedQuery(`Unsupported property filter clause: '${name}' with '${type}'.`);
  return read;
};

export const createGroupShape = (names: readonly string[]): ((group: Group) => Shape) => {
  const reads = names.map((name) => [name, GROUP_PROPERTIES.get(name) ?? (() => null)] as const);
  return (group) => {
    const shape: Shape = {};
    for (const [name, read] of reads) shape[name] = read(group);
    return shape;
  };
};
