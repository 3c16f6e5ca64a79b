import {
  toPersonKey,
  type ChangeWay,
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

export const toUserChangeEvent = (
  document: UserDocument,
  change: UserChange,
  changed: string[],
  way?: ChangeWay,
): DirectoryChange => ({
  ...envelope('users', document),
  type: `muster.user.${change}`,
  data: { revision: document.revision, changed, document, ...(way && { way }) },
});

/**
 * The first change of a document that was there before, and is gone by nobody's order: the feed goes on behind what it
 * told of the lost one, so that no revision comes twice with another content.
 */
export function continueRevisions<T extends { revision: number }>(
  { document, pending }: { document: T; pending: DirectoryChange },
  told: number,
): { document: T; pending: DirectoryChange } {
  const revision = told + document.revision;
  const id = pending.id.replace(/\d+$/, String(revision));
  const next = { ...document, revision };
  return { document: next, pending: { ...pending, id, data: { ...pending.data, revision, document: next } } as never };
}

export const toMfaChangeEvent = (document: MfaDocument, changed: string[], way?: ChangeWay): DirectoryChange => ({
  ...envelope('mfa', document),
  type: 'muster.mfa.changed',
  data: { revision: document.revision, changed, document, ...(way && { way }) },
});
