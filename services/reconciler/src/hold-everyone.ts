import { plural } from '@muster/contracts';
import type { Removal } from './domain/plan-removals.js';
import { removePeople, type Removed } from './remove-people.js';
import type { Run } from './run.js';

/** The chosen group is gone: everyone in it waits for an admin, who may as well choose another group. */
export async function holdEveryone(run: Run): Promise<Removed> {
  const removals = await run.tries(async () => {
    const found: Removal[] = [];
    for await (const { userId, inGroup } of run.store.users.ids(run.settings.tenantId))
      if (inGroup) found.push({ userId, why: 'group-vanished', inScope: true });
    return found;
  });
  const mustWait = `The chosen group is gone, and with it ${plural(removals.length, 'person', 'people')} in scope.`;
  return removePeople(run, { removals, inScope: removals.length, mustWait });
}
