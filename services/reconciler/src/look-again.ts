import { toPersonKey, type CursorRecord, type UserDocument } from '@muster/contracts';
import type { ReadUser } from '@muster/graph-client';
import { countInScope } from './count-in-scope.js';
import { toGoneEvent, toUserEvent, type ObservationEvent } from './domain/observations.js';
import type { Removal } from './domain/plan-removals.js';
import { isInScope, wasInScope } from './domain/snapshot.js';
import { removePeople } from './remove-people.js';
import { loadPeople, type SweepRun } from './sweep-run.js';
import { tellReturned } from './tell-returned.js';

/**
 * People of whom Graph would not tell when a change named them. Asked once a sweep: who is not told of now either is left to
 * the next one, and never removed unconfirmed.
 */
export async function lookAgain(run: SweepRun, { unsettled = [], failure }: CursorRecord): Promise<void> {
  if (unsettled.length === 0) return;
  const { tenantId, groupId } = run.settings;
  const isCaughtUp = await run.tries(run.deps.caughtUp);
  const documents = await loadPeople(run, unsettled);
  const removals: Removal[] = [];
  const events: ObservationEvent[] = [];
  const returned = { restored: [] as string[], unknown: new Set<string>() };
  for (const person of await readOnce(run, unsettled)) {
    const { userId } = person;
    const document = documents.get(toPersonKey(tenantId, userId))?.document ?? null;
    if (person.found === 'failed') {
      run.leave(userId, person.failure);
      continue;
    }
    const out = isCaughtUp || (document?.inGroup ?? false) ? null : toOut(run, person);
    // What waits for the projector may say that the person is there, and in.
    if (out) {
      events.push(out);
      continue;
    }
    const why = whyGone(run, person, document);
    if (why && document) removals.push({ userId, why, inScope: wasInScope(run.settings, document) });
    if (why || person.found === 'no') continue;
    if (groupId !== null && document?.status === 'deleted') {
      // Told with the membership: what is known of that is as old as the deletion.
      returned.restored.push(userId);
      continue;
    }
    if (person.inGroup && !document?.inGroup) returned.unknown.add(userId);
    const isOurs = document !== null || isInScope(run.settings, { userType: person.user.userType, inGroup: false });
    if (isOurs) events.push(toUserEvent(run.origin(), person.observedAt, { user: person.user }));
  }
  await run.publish(events);
  const failures = failure?.count ?? 0;
  if (removals.length > 0) {
    const { present, stayed } = await removePeople(run, { removals, inScope: await countInScope(run) });
    const doubted = removals.filter(({ userId, why }) => (why === 'deleted' ? present : stayed).includes(userId));
    const ids = doubted.map(({ userId }) => userId);
    run.doubt(ids, failures);
  }
  await tellReturned(run, returned, { failures, isSecondLook: true });
}

type Answered = Exclude<ReadUser, { found: 'failed' }>;

/** That the person is gone, or not in the group; null where that is not so. */
function toOut(run: SweepRun, person: Answered): ObservationEvent | null {
  const { observedAt } = person;
  if (person.found === 'no') return toGoneEvent(run.origin(), observedAt, person);
  if (run.settings.groupId === null || person.inGroup !== false) return null;
  return toUserEvent(run.origin(), observedAt, { user: person.user, membership: { inGroup: false, groupPath: [] } });
}

/** Null: nothing to remove. */
function whyGone({ settings }: SweepRun, person: Answered, document: UserDocument | null): Removal['why'] | null {
  if (!document || document.status === 'deleted') return null;
  if (person.found === 'no') return 'deleted';
  return settings.groupId !== null && document.inGroup && person.inGroup === false ? 'left-group' : null;
}

/** Without tries: the next sweep is the next try, and the token of this one must not wait for them. */
async function readOnce(run: SweepRun, userIds: readonly string[]): Promise<ReadUser[]> {
  const { groupId } = run.settings;
  return run
    .graph()
    .readUsers(userIds, { groupId })
    .catch((error: unknown) => {
      const failure = error instanceof Error ? error : new Error('unknown');
      return userIds.map((userId) => ({ userId, observedAt: '', found: 'failed' as const, failure }));
    });
}
