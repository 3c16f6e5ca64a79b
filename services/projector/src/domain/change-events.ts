import {
  toPersonKey,
  type DirectoryChange,
  type MfaDocument,
  type UserChange,
  type UserDocument,
} from '@muster/contracts';

const envelope = (collection: 'users' | 'mfa', document: UserDocument | MfaDocument) =>
  ({
    specversion: '1.0',
    id: `${collection}/${toPersonKey(document.tenantId, document.userId)}/${document.revision}`,
    source: `/tenants/${document.tenantId}`,
    subject: document.userId,
    time: document.changedAt,
    datacontenttype: 'application/json',
  }) as const;

export const toUserChangeEvent = (document: UserDocument, change: UserChange, changed: string[]): DirectoryChange => ({
  ...envelope('users', document),
  type: `muster.user.${change}`,
  data: { revision: document.revision, changed, document },
});

export const toMfaChangeEvent = (document: MfaDocument, changed: string[]): DirectoryChange => ({
  ...envelope('mfa', document),
  type: 'muster.mfa.changed',
  data: { revision: document.revision, changed, document },
});
