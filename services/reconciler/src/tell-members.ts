import { readPeople, toBatches } from './confirm.js';
import { toMembershipEvent, toUserEvent } from './domain/observations.js';
import type { SweepRun } from './sweep-run.js';

/** `isKnown`: has a document in scope, so that only the way changes. */
export type Entry = { userId: string; groupPath: readonly string[]; isKnown: boolean };

/**
 * People who are in the group now, or by another way: newcomers are read, for nothing is known of them. `failures`: of this
 * cursor in a row.
 */
export async function tellMembers(
  run: SweepRun,
  entries: readonly Entry[],
  { observedAt, failures }: { observedAt: string; failures: number },
): Promise<void> {
  const { groupId } = run.settings;
  if (groupId === null) return;
  const known = entries.filter(({ isKnown }) => isKnown);
  await run.publish(
    known.map(({ userId, groupPath }) => {
      const membership = { inGroup: true, groupPath: [...groupPath] };
      return toMembershipEvent(run.origin(), observedAt, { userId, groupId, membership });
    }),
  );
  const newcomers = entries.filter(({ isKnown }) => !isKnown);
  const missing: string[] = [];
  for (const some of toBatches(newcomers)) {
    const paths = new Map(some.map(({ userId, groupPath }) => [userId, groupPath]));
    const people = await readPeople(
      run,
      some.map(({ userId }) => userId),
    );
    await run.publish(
      people.flatMap((person) => {
        if (person.found === 'failed') run.leave(person.userId, person.failure);
        // In the bin, where members stay members; or too new for the replica that answered.
        if (person.found === 'no') missing.push(person.userId);
        if (person.found !== 'yes') return [];
        const membership = { inGroup: true, groupPath: [...(paths.get(person.userId) ?? [])] };
        return [toUserEvent(run.origin(), earlier(observedAt, person.observedAt), { user: person.user, membership })];
      }),
    );
  }
  run.doubt(missing, failures);
}

/**
 * People who were restored, with a group chosen: what is known of their membership is as old as their deletion, and the
 * group's changes may have passed them over since. Answers who is in it.
 */
export async function tellRestored(run: SweepRun, userIds: readonly string[], failures: number): Promise<string[]> {
  const inside: string[] = [];
  const missing: string[] = [];
  for (const some of toBatches(userIds)) {
    const people = await readPeople(run, some);
    await run.publish(
      people.flatMap((person) => {
        if (person.found === 'failed') run.leave(person.userId, person.failure);
        // Deleted again, which the next changes say; or not restored yet for the replica that answered.
        if (person.found === 'no') missing.push(person.userId);
        if (person.found !== 'yes') return [];
        const { user, observedAt, inGroup } = person;
        if (inGroup === true) inside.push(person.userId);
        const out = inGroup === false ? { membership: { inGroup: false, groupPath: [] } } : {};
        return [toUserEvent(run.origin(), observedAt, { user, ...out })];
      }),
    );
  }
  run.doubt(missing, failures);
  return inside;
}

/** What is told together is as old as its older half. */
const earlier = (one: string, other: string): string => (one < other ? one : other);
