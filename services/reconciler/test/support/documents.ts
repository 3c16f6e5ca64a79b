import type { DirectoryUser, UserDocument } from '@muster/contracts';
import type { Store } from '@muster/store';

type Write = Parameters<Store['users']['write']>[0][number];

/** Somebody in scope, last seen a minute ago. */
export function toDocument({
  tenantId,
  user,
  groupPath = [],
}: {
  tenantId: string;
  user: DirectoryUser;
  groupPath?: string[];
}): UserDocument {
  const at = new Date(Date.now() - 60_000).toISOString();
  return {
    ...user,
    tenantId,
    status: 'active',
    ssoEnabled: true,
    inGroup: true,
    groupPath,
    revision: 1,
    observedAt: at,
    changedAt: at,
  };
}

export function toInsert(document: UserDocument): Write {
  const id = `${document.tenantId}/${document.userId}`;
  const pending = {
    specversion: '1.0' as const,
    id: `users/${id}/1`,
    source: `/tenants/${document.tenantId}`,
    subject: document.userId,
    time: document.changedAt,
    datacontenttype: 'application/json' as const,
    type: 'muster.user.created' as const,
    data: { revision: 1, changed: [], document },
  };
  return { kind: 'insert', id, document, pending };
}
