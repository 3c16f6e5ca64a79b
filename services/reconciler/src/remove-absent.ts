import type { Failure } from '@muster/contracts';
import { isFailure } from '@muster/contracts';
import type { ReadUser } from '@muster/graph-client';
import type { IdMarks } from './domain/id-marks.js';
import { toGoneEvent, toGroupEvent, toUserEvent, type ObservationEvent } from './domain/observations.js';
import { isInScope, mayHaveLeft, mayRemove } from './domain/snapshot.js';
import type { SnapshotRun } from './snapshot-run.js';

export type Removals = {
  removed: number;
  /** What a person has to know about a read that is complete: removals held back or not confirmed. */
  remark: { code: string; message: string } | null;
};
export type Seen = {
  marks: IdMarks;
  readBegan: string;
  /** Groups of the tree as read now. */
  groupIds: ReadonlySet<string>;
};

/** Reads by id go as `$batch` of 20 each. */
const CHUNK = 20;

/**
 * People whose documents the complete read did not see in scope: each is confirmed by a read by id, then told. None when
 * there are too many at once. Part 3: what is held here becomes a plan that waits for an admin.
 */
export async function removeAbsent(run: SnapshotRun, seen: Seen): Promise<Removals> {
  const { suspects, leaving, inScope } = await findSuspects(run, seen);
  const verdict = mayRemove({ resumed: run.record().resumed, inScope, leaving });
  if (!verdict.ok) {
    if (verdict.code !== 'removals.held') return { removed: 0, remark: null };
    run.metrics.held(run.record().kind, leaving);
    return { removed: 0, remark: { code: verdict.code, message: verdict.message } };
  }
  let removed = 0;
  let unconfirmed = 0;
  for (let from = 0; from < suspects.length; from += CHUNK) {
    const confirmed = await confirm(run, suspects.slice(from, from + CHUNK));
    const events = confirmed.map((person) => toEvent(run, person));
    await run.publish(events.flatMap((event) => event ?? []));
    removed += events.filter((event) => event !== null && isRemoval(event)).length;
    unconfirmed += events.filter((event) => event === null).length;
  }
  await dropGroups(run, seen);
  run.metrics.removed(run.record().kind, removed);
  const message = `${unconfirmed} people that were not seen could not be read by id; the next full read looks again.`;
  return { removed, remark: unconfirmed > 0 ? { code: 'removals.unconfirmed', message } : null };
}

/** `leaving` are those of the suspects that are in scope by their documents. */
function findSuspects(run: SnapshotRun, { marks, readBegan }: Seen) {
  const { tenantId, groupId } = run.settings;
  return run.tries(async () => {
    const suspects: string[] = [];
    let leaving = 0;
    let inScope = 0;
    for await (const person of run.store.users.ids(tenantId)) {
      const counts = groupId === null || person.inGroup ? 1 : 0;
      inScope += counts;
      if (!mayHaveLeft(person, marks.get(person.userId), readBegan)) continue;
      suspects.push(person.userId);
      leaving += counts;
    }
    return { suspects, leaving, inScope };
  });
}

/** Parts of a batch fail on their own; those that may be tried again are, alone. */
async function confirm(run: SnapshotRun, userIds: readonly string[]): Promise<ReadUser[]> {
  const read = new Map<string, ReadUser>();
  const { groupId } = run.settings;
  await run.tries(async () => {
    const missing = userIds.filter((userId) => !read.has(userId));
    let failure: Failure | undefined;
    for (const person of await run.graph().readUsers(missing, { groupId })) {
      if (person.found === 'failed' && isFailure(person.failure) && person.failure.retryable)
        failure = slower(failure, person.failure);
      else read.set(person.userId, person);
    }
    if (failure) throw failure;
  });
  return [...read.values()];
}

const slower = (one: Failure | undefined, other: Failure): Failure =>
  one && (one.retryAfterMs ?? 0) >= (other.retryAfterMs ?? 0) ? one : other;

/** Null when the read by id did not tell. */
function toEvent(run: SnapshotRun, person: ReadUser): ObservationEvent | null {
  const { userId, observedAt } = person;
  switch (person.found) {
    case 'failed':
      run.logger.warn({ err: person.failure, userId }, 'absence not confirmed');
      return null;
    case 'no':
      return toGoneEvent(run.record(), observedAt, { userId, removed: person.removed });
    case 'yes': {
      const { user } = person;
      const inGroup = person.inGroup === true;
      const stays = isInScope(run.settings, { userType: user.userType, inGroup });
      // Who came back meanwhile keeps the path that the document has.
      if (stays) return toUserEvent(run.record(), observedAt, { user });
      return toUserEvent(run.record(), observedAt, { user, membership: { inGroup: false, groupPath: [] } });
    }
  }
}

const isRemoval = ({ value }: ObservationEvent): boolean =>
  value.type === 'user' && (value.user === null || value.membership?.inGroup === false);

/** Groups that left the tree. */
async function dropGroups(run: SnapshotRun, { groupIds, readBegan }: Seen): Promise<void> {
  const known = await run.tries(() => run.store.groups.ofTenant(run.settings.tenantId));
  const left = known.filter((group) => !groupIds.has(group.groupId) && group.observedAt < readBegan);
  await run.publish(
    left.map(({ groupId, displayName }) =>
      toGroupEvent(run.record(), readBegan, { groupId, displayName, groupPath: null }),
    ),
  );
}
