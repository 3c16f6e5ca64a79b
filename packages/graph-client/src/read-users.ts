import { Failure, USER_SELECT } from '@muster/contracts';
import { z } from 'zod';
import { sendBatch, type BatchAnswer, type BatchPart } from './batch.js';
import type { ReadUser } from './graph.js';
import type { Transport } from './microsoft-graph.js';
import { toDirectoryUser } from './to-directory-user.js';

const WHAT = 'read people';
const notAnswered = {
  observedAt: new Date(0).toISOString(),
  failure: new Failure('graph.malformed', `${WHAT}: not answered`, { retryable: true }),
};

/**
 * Reads people by id in `$batch`, and in the same batch whether each is in the group, nested ones too. Whoever is not
 * found is looked for among the deleted in a second batch: found there = can be restored.
 */
export async function readUsers(
  transport: Transport,
  userIds: readonly string[],
  { groupId = null }: { groupId?: string | null } = {},
): Promise<ReadUser[]> {
  const ids = [...new Set(userIds)];
  const answers = await sendBatch(
    transport,
    ids.flatMap((id) => toParts(id, groupId)),
    { what: WHAT },
  );
  const missing = ids.filter((id) => isMissing(answers.get(userPart(id))));
  const deleted = await sendBatch(transport, missing.map(toDeletedPart), { what: 'read deleted people' });
  return ids.map((userId) => {
    const answer = answers.get(userPart(userId)) ?? notAnswered;
    if (isMissing(answer)) return toGone(userId, answer.observedAt, deleted.get(userId));
    return toFound({ userId, answer, membership: groupId === null ? null : answers.get(memberPart(userId)), groupId });
  });
}

const userPart = (id: string): string => `u:${id}`;
const memberPart = (id: string): string => `m:${id}`;

function toParts(id: string, groupId: string | null): BatchPart[] {
  const read: BatchPart = { id: userPart(id), method: 'GET', url: `/users/${id}?$select=${USER_SELECT}` };
  if (groupId === null) return [read];
  const url = `/users/${id}/checkMemberGroups`;
  return [read, { id: memberPart(id), method: 'POST', url, body: { groupIds: [groupId] } }];
}
const toDeletedPart = (id: string): BatchPart => ({
  id,
  method: 'GET',
  url: `/directory/deletedItems/microsoft.graph.user/${id}?$select=id`,
});

const isMissing = (answer: BatchAnswer | undefined): boolean =>
  answer !== undefined && 'failure' in answer && answer.failure.code === 'graph.not-found';

function toGone(userId: string, observedAt: string, deleted: BatchAnswer | undefined): ReadUser {
  if (isMissing(deleted)) return { userId, observedAt, found: 'no', removed: 'hard' };
  if (deleted && 'body' in deleted) return { userId, observedAt, found: 'no', removed: 'soft' };
  return { userId, observedAt, found: 'failed', failure: (deleted ?? notAnswered).failure };
}

type FoundOptions = {
  userId: string;
  answer: BatchAnswer;
  membership: BatchAnswer | undefined | null;
  groupId: string | null;
};

function toFound({ userId, answer, membership, groupId }: FoundOptions): ReadUser {
  // A throttled part was read again, later: what is seen together is as old as its older half.
  const observedAt =
    membership && membership.observedAt < answer.observedAt ? membership.observedAt : answer.observedAt;
  const failed = (failure: Failure): ReadUser => ({ userId, observedAt, found: 'failed', failure });
  if ('failure' in answer) return failed(answer.failure);
  const user = toDirectoryUser(answer.body);
  if (!user) return failed(unreadable("a person's answer cannot be read"));
  if (user.userId !== userId.toLowerCase()) return failed(unreadable('another person was answered'));
  if (membership === null || groupId === null) return { userId, observedAt, found: 'yes', user, inGroup: null };
  if (!membership) return failed(notAnswered.failure);
  // Deleted between the two reads; the next one will say so.
  if (isMissing(membership)) return failed(unreadable('a person went while being read'));
  if ('failure' in membership) return failed(membership.failure);
  const groups = groupIds.safeParse(membership.body);
  if (!groups.success) return failed(unreadable("a person's groups cannot be read"));
  const inGroup = groups.data.value.some((id) => id.toLowerCase() === groupId.toLowerCase());
  return { userId, observedAt, found: 'yes', user, inGroup };
}

const groupIds = z.object({ value: z.array(z.string()) });
const unreadable = (why: string): Failure => new Failure('graph.malformed', `${WHAT}: ${why}`, { retryable: true });
