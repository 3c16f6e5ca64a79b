import { readPeople } from './confirm.js';
import { toMembershipEvent, toUserEvent } from './domain/observations.js';
import type { SweepRun } from './sweep-run.js';

/** `isKnown`: has a document in scope, so that only the way changes. */
export type Entry = { userId: string; groupPath: readonly string[]; isKnown: boolean };

const CHUNK = 20;

/** People who are in the group now, or by another way: newcomers are read, for nothing is known of them. */
export async function tellMembers(
  run: SweepRun,
  entries: readonly Entry[],
  { observedAt }: { observedAt: string },
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
  for (let from = 0; from < newcomers.length; from += CHUNK) {
    const some = newcomers.slice(from, from + CHUNK);
    const paths = new Map(some.map(({ userId, groupPath }) => [userId, groupPath]));
    const people = await readPeople(
      run,
      some.map(({ userId }) => userId),
    );
    await run.publish(
      people.flatMap((person) => {
        // Deleted members stay members until they are purged; the changes of people tell of them.
        if (person.found === 'no') return [];
        if (person.found === 'failed') {
          run.leave(person.userId, person.failure);
          return [];
        }
        const membership = { inGroup: true, groupPath: [...(paths.get(person.userId) ?? [])] };
        return [toUserEvent(run.origin(), earlier(observedAt, person.observedAt), { user: person.user, membership })];
      }),
    );
  }
}

/**
 * People who were restored, with a group chosen: what is known of their membership is as old as their deletion, and the
 * group's changes may have passed them over since. Answers who is in it.
 */
export async function tellRestored(run: SweepRun, userIds: readonly string[]): Promise<string[]> {
  const inside: string[] = [];
  for (let from = 0; from < userIds.length; from += CHUNK) {
    const people = await readPeople(run, userIds.slice(from, from + CHUNK));
    await run.publish(
      people.flatMap((person) => {
        if (person.found === 'failed') run.leave(person.userId, person.failure);
        // Deleted again: the next changes say so.
        if (person.found !== 'yes') return [];
        const { user, observedAt, inGroup } = person;
        if (inGroup === true) inside.push(person.userId);
        const out = inGroup === false ? { membership: { inGroup: false, groupPath: [] } } : {};
        return [toUserEvent(run.origin(), observedAt, { user, ...out })];
      }),
    );
  }
  return inside;
}

/** What is told together is as old as its older half. */
const earlier = (one: string, other: string): string => (one < other ? one : other);
