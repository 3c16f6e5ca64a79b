import type { CursorRecord, IntegrationSettings } from '@muster/contracts';

type Cursor = Partial<Pick<CursorRecord, 'kind' | 'tenantId' | 'groupId' | 'deletedGroups'>>;

/** The chosen group was deleted and not restored since: its sweep remembers those of the tree that are gone. */
export const isGroupGone = (
  cursors: readonly Cursor[],
  { tenantId, groupId }: Pick<IntegrationSettings, 'tenantId' | 'groupId'>,
): boolean =>
  cursors.some(
    (cursor) =>
      cursor.kind === 'group' &&
      cursor.tenantId === tenantId &&
      cursor.groupId === groupId &&
      (cursor.deletedGroups ?? []).some((deleted) => deleted.groupId === groupId),
  );
