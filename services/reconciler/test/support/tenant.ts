import { randomUUID } from 'node:crypto';
import type { DirectoryUser, IntegrationSettings, MfaRegistration } from '@muster/contracts';
import { createMemoryGraph, type MemoryGraph } from './memory-graph.js';

export const toUser = (userId: string, userType = 'Member'): DirectoryUser => ({
  userId,
  userPrincipalName: `${userId}@contoso.test`,
  displayName: 'Ann',
  givenName: null,
  surname: null,
  mail: null,
  jobTitle: null,
  department: null,
  accountEnabled: true,
  userType,
});

export const toRow = (userId: string): MfaRegistration => ({
  userId,
  isAdmin: false,
  isMfaRegistered: true,
  isMfaCapable: true,
  isPasswordlessCapable: false,
  isSsprRegistered: false,
  isSsprEnabled: false,
  isSsprCapable: false,
  isSystemPreferredAuthenticationMethodEnabled: null,
  methodsRegistered: ['mobilePhone'],
  systemPreferredAuthenticationMethods: [],
  userPreferredMethodForSecondaryAuthentication: null,
  reportedAt: null,
});

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
  const settings = toSettings(groupId, now());
  return Object.assign(memory, { settings, groupId, nestedId, direct, nested, outside });
}

const toSettings = (groupId: string, at: Date): IntegrationSettings => ({
  integrationId: randomUUID(),
  name: 'Contoso',
  tenantId: randomUUID(),
  clientId: randomUUID(),
  cloud: 'custom',
  features: { userSync: true, mfaVerification: true },
  groupId,
  includeGuests: true,
  secrets: [],
  activeSlot: null,
  consent: 'application',
  state: 'active',
  revision: 1,
  createdAt: at.toISOString(),
  updatedAt: at.toISOString(),
  startedAt: at.toISOString(),
});
