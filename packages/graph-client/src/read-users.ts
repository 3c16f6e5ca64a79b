import { Failure, USER_SELECT } from '@muster/contracts';
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
    WHAT,
  );
  const missing = ids.filter((id) => isMissing(answers.get(userPart(id))));
  const deleted = await sendBatch(transport, missing.map(toDeletedPart), 'read deleted people');
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
  const { observedAt } = answer;
  if ('failure' in answer) return { userId, observedAt, found: 'failed', failure: answer.failure };
  const user = toDirectoryUser(answer.body);
  if (!user) {
    const failure = new Failure('graph.malformed', `${WHAT}: a person's answer cannot be read`, { retryable: true });
    return { userId, observedAt, found: 'failed', failure };
  }
  if (membership === null) return { userId, observedAt, found: 'yes', user, inGroup: null };
  if (!membership || 'failure' in membership)
    return { userId, observedAt, found: 'failed', failure: (membership ?? notAnswered).failure };
  // A throttled part was read again, later: what is seen together is as old as its older half.
  const oldest = membership.observedAt < observedAt ? membership.observedAt : observedAt;
  const { value } = (membership.body ?? {}) as { value?: unknown };
  const groups = Array.isArray(value) ? value.map((id) => String(id).toLowerCase()) : [];
  return { userId, observedAt: oldest, found: 'yes', user, inGroup: groupId !== null && groups.includes(groupId) };
}
