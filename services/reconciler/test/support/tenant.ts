import { randomUUID } from 'node:crypto';
import type { DirectoryUser, IntegrationSettings, MfaRegistration } from '@muster/contracts';
import { toMfaRow, toSettings, toUser as toAnyUser } from '@muster/test-support';
import { createMemoryGraph, type MemoryGraph } from './memory-graph.js';

export const toUser = (userId: string, userType = 'Member'): DirectoryUser =>
  toAnyUser({ userId, userPrincipalName: `${userId}@contoso.test`, displayName: 'Ann', userType });

export const toRow = (userId: string): MfaRegistration => toMfaRow(userId, { methodsRegistered: ['mobilePhone'] });

export type Tenant = MemoryGraph & {
  settings: IntegrationSettings;
  groupId: string;
  nestedId: string;
  /** In the chosen group, in the one nested in it, and in neither. */
  direct: string[];
  nested: string[];
  outside: string[];
};

/** 20 people in the chosen group, 5 in one nested in it, 10 outside; all with MFA. */
export function createTenant(now: () => Date = () => new Date()): Tenant {
  const ids = (count: number): string[] => Array.from({ length: count }, () => randomUUID());
  const memory = createMemoryGraph({ pageSize: 10, now });
  const [direct, nested, outside] = [ids(20), ids(5), ids(10)];
  const [groupId, nestedId] = [randomUUID(), randomUUID()];
  for (const userId of [...direct, ...nested, ...outside].sort()) {
    memory.users.set(userId, toUser(userId));
    memory.report.set(userId, toRow(userId));
  }
  const toMember = (id: string) => ({ id, kind: 'user' as const });
  memory.groups.set(groupId, [...direct.map(toMember), { id: nestedId, kind: 'group' }]);
  memory.groups.set(nestedId, [...nested.map(toMember), { id: groupId, kind: 'group' }]);
  const at = now().toISOString();
  const settings = toSettings({ groupId, createdAt: at, updatedAt: at, startedAt: at });
  return Object.assign(memory, { settings, groupId, nestedId, direct, nested, outside });
}
