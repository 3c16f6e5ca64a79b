import type { SweepRun } from './sweep-run.js';

/** People in scope by the documents. */
export async function countInScope({ store, settings, tries }: SweepRun): Promise<number> {
  const { tenantId, groupId } = settings;
  const scope = groupId === null ? {} : { inGroup: true };
  const counts = await tries(() =>
    Promise.all((['active', 'disabled'] as const).map((status) => store.users.count({ tenantId, status, ...scope }))),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
