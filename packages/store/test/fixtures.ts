import { randomUUID } from 'node:crypto';
import {
  toPersonKey,
  type DirectoryChange,
  type IntegrationSettings,
  type MfaDocument,
  type UserDocument,
} from '@muster/contracts';
import { toMfaRow, toSettings, toUserDocument } from '@muster/test-support';

const tenantId = randomUUID();
export const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
export const silent = { info: () => undefined, warn: () => undefined };

export const user = (fields: Partial<UserDocument> = {}): UserDocument =>
  toUserDocument({
    ...{ tenantId, userPrincipalName: 'anna.berg@example.com', displayName: 'Anna Berg' },
    ...{ givenName: 'Anna', surname: 'Berg', inGroup: false, observedAt: at(1), changedAt: at(1) },
    ...fields,
  });
export const idOf = (document: { tenantId: string; userId: string }): string =>
  toPersonKey(document.tenantId, document.userId);
export const changeOf = (document: UserDocument): DirectoryChange => ({
  specversion: '1.0',
  id: `users/${idOf(document)}/${document.revision}`,
  source: `/tenants/${document.tenantId}`,
  subject: document.userId,
  time: document.changedAt,
  datacontenttype: 'application/json',
  type: 'muster.user.updated',
  data: { revision: document.revision, changed: [], document },
});
export const insert = (document: UserDocument) =>
  ({ kind: 'insert', id: idOf(document), document, pending: changeOf(document) }) as const;
export const update = (base: UserDocument, fields: Partial<UserDocument>) => {
  const document = { ...base, revision: base.revision + 1, ...fields };
  const { revision } = base;
  return { kind: 'update', id: idOf(document), base: { revision }, document, pending: changeOf(document) } as const;
};
export const mfaOf = (person: UserDocument, fields: Partial<MfaDocument>): MfaDocument => ({
  ...toMfaRow(person.userId, { isAdmin: null }),
  tenantId: person.tenantId,
  ...{ state: 'capable', revision: 1, observedAt: at(1), changedAt: at(1), stale: false },
  ...fields,
});
export const integration = (fields: Partial<IntegrationSettings> = {}): IntegrationSettings =>
  toSettings({ createdAt: at(1), updatedAt: at(1), startedAt: null, ...fields });
