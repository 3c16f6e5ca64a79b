import { carryOutAllowed } from './carry-out-plans.js';
import type { IdMarks } from './domain/id-marks.js';
import { allowLeftovers, isLeftover, takesOver } from './domain/leftovers.js';
import type { Removal } from './domain/plan-removals.js';
import { wasInScope } from './domain/snapshot.js';
import { editPlans } from './edit-plans.js';
import { toFreshPlan } from './remove-people.js';
import { plansOf, toGraphTime } from './run.js';
import type { SnapshotRun } from './snapshot-run.js';

export type Leftovers = {
  people: ReadonlySet<string>;
  removed: number;
  /** Could not be confirmed by id: the next sweep tries again. */
  left: number;
};

const NOBODY: Leftovers = { people: new Set(), removed: 0, left: 0 };

/**
 * People in scope by the documents of an integration that was removed, whom this one's first load did not see in scope: each
 * goes once a read by id confirms it. Of a resumed read, too: it told everyone in scope, before the crash or after it, and a
 * document that was told is none of theirs any more.
 */
export async function removeLeftovers(run: SnapshotRun, marks: IdMarks): Promise<Leftovers> {
  if (!(await isFirstLoadAfterAnother(run))) return NOBODY;
  const { leftovers, inScope } = await find(run, marks);
  if (leftovers.length === 0) return NOBODY;
  const fresh = () => toFreshPlan(run, inScope);
  await editPlans(run, (plans) => allowLeftovers(plans, leftovers, { fresh }));
  const allowed = (await plansOf(run)).flatMap(({ candidates }) =>
    candidates.flatMap(({ userId, state }) => (state === 'allowed' ? [userId] : [])),
  );
  const { removed, left } = await carryOutAllowed(run);
  // The load is complete after this, and the gate goes by the documents: they say it, unless the projector is far behind.
  await run.caughtUp();
  return { people: new Set(allowed), removed, left };
}

/** Later reads pass over whoever the documents know already, so that the age of a document says nothing there. */
async function isFirstLoadAfterAnother({ settings, store, tries }: SnapshotRun): Promise<boolean> {
  const earlier = await tries(() => store.snapshots.last(settings.integrationId, 'users', ['complete']));
  return earlier === null && takesOver(settings, await tries(() => store.integrations.all()));
}

function find(run: SnapshotRun, marks: IdMarks) {
  const { settings, store, tries } = run;
  const dated = { ...settings, createdAt: toGraphTime(run, new Date(settings.createdAt)) };
  return tries(async () => {
    const leftovers: Removal[] = [];
    let inScope = 0;
    for await (const person of store.users.ids(settings.tenantId)) {
      const { userId } = person;
      const mark = marks.get(userId);
      inScope += wasInScope(settings, person) ? 1 : 0;
      if (!isLeftover(dated, person, mark)) continue;
      leftovers.push({ userId, why: mark === 0 ? 'absent' : 'left-group', inScope: true });
    }
    return { leftovers, inScope };
  });
}
