import { isFailure, type Failure } from '@muster/contracts';
import type { ReadUser } from '@muster/graph-client';
import { toGoneEvent, toUserEvent, type ObservationEvent, type Origin } from './domain/observations.js';
import { isInScope } from './domain/snapshot.js';
import type { Run } from './run.js';

/** Reads by id go as `$batch` of 20 each. */
const BATCH = 20;
export const toBatches = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / BATCH) }, (_, at) => items.slice(at * BATCH, (at + 1) * BATCH));

export type Confirmed = {
  removed: string[];
  /** In scope all the same. */
  stayed: string[];
  /** There all the same, in scope or not. */
  present: string[];
  /** The read by id did not tell. */
  unconfirmed: string[];
};

/** People who seem to be gone or out: each is read by id, and what that says is told. `plan` allowed that they go. */
export async function confirmRemovals(
  run: Run,
  userIds: readonly string[],
  plan: { planId?: string } = {},
): Promise<Confirmed> {
  const origin = { ...run.origin(), ...plan };
  const confirmed: Confirmed = { removed: [], stayed: [], present: [], unconfirmed: [] };
  for (const some of toBatches(userIds)) {
    const people = await readPeople(run, some);
    const events: ObservationEvent[] = [];
    for (const person of people) {
      const told = toEvents(run, person, origin);
      confirmed[told.outcome].push(person.userId);
      if (person.found === 'yes') confirmed.present.push(person.userId);
      events.push(...told.events);
    }
    await run.publish(events);
  }
  run.told.removed(confirmed.removed.length);
  return confirmed;
}

/**
 * Parts of a batch fail on their own; those that may be tried again are, alone. Whose part fails to the end is told as failed
 * where somebody takes who is left, else it rejects.
 */
export async function readPeople(run: Run, userIds: readonly string[]): Promise<ReadUser[]> {
  const read = new Map<string, ReadUser>();
  const failing = new Map<string, ReadUser>();
  const { groupId } = run.settings;
  await run
    .tries(async () => {
      const missing = userIds.filter((userId) => !read.has(userId));
      failing.clear();
      let failure: Failure | undefined;
      for (const person of await run.graph().readUsers(missing, { groupId })) {
        if (person.found === 'failed' && isFailure(person.failure) && person.failure.retryable) {
          failure = slower(failure, person.failure);
          failing.set(person.userId, person);
        } else read.set(person.userId, person);
      }
      if (failure) throw failure;
    })
    .catch((error: unknown) => {
      // None of a batch that was not answered at all.
      if (!run.leave || failing.size === 0) throw error;
    });
  return [...read.values(), ...failing.values()];
}

const slower = (one: Failure | undefined, other: Failure): Failure =>
  one && (one.retryAfterMs ?? 0) >= (other.retryAfterMs ?? 0) ? one : other;

type Told = { outcome: Exclude<keyof Confirmed, 'present'>; events: ObservationEvent[] };

function toEvents(run: Run, person: ReadUser, origin: Origin): Told {
  const { userId, observedAt } = person;
  switch (person.found) {
    case 'failed':
      run.logger.warn({ err: person.failure, userId }, 'absence not confirmed');
      run.leave?.(userId, person.failure);
      return { outcome: 'unconfirmed', events: [] };
    case 'no':
      return { outcome: 'removed', events: [toGoneEvent(origin, observedAt, { userId, removed: person.removed })] };
    case 'yes': {
      const { isIn, event } = toSeenEvent(run, person, origin);
      return { outcome: isIn ? 'stayed' : 'removed', events: [event] };
    }
  }
}

/** Somebody who is there, in scope or out of it. */
export function toSeenEvent({ settings }: Run, person: ReadUser & { found: 'yes' }, origin: Origin) {
  const { user, observedAt, inGroup } = person;
  const isIn = isInScope(settings, { userType: user.userType, inGroup: inGroup === true });
  // Who came back meanwhile keeps the path that the document has.
  const membership = isIn ? {} : { membership: { inGroup: false, groupPath: [] } };
  return { isIn, event: toUserEvent(origin, observedAt, { user, ...membership }) };
}
