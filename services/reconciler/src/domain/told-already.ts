import {
  toMfaState,
  type DirectoryUser,
  type IntegrationSettings,
  type MfaDocument,
  type MfaRegistration,
  type UserDocument,
  type UserFacts,
} from '@muster/contracts';
import { kindOfDrift } from './loss-meter.js';
import type { Membership } from './observations.js';

type StoredPerson = { document: UserDocument; facts: UserFacts | null };
export type SeenPerson = { user: DirectoryUser; membership: Membership };

const isSame = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/**
 * Whether telling of a person in scope would change neither the document nor what is kept beside it: the projector would
 * pass over it. The membership is of the chosen group; what another integration left (decision 0009) is to be told.
 */
export function isPersonTold(
  stored: StoredPerson | undefined,
  { user, membership }: SeenPerson,
  { groupId, createdAt }: Pick<IntegrationSettings, 'groupId' | 'createdAt'>,
): boolean {
  if (!stored?.facts || stored.facts.purgedAt !== undefined) return false;
  const { document, facts } = stored;
  const status = user.accountEnabled === false ? 'disabled' : 'active';
  const isMember = groupId === null || (facts.membership?.groupId === groupId && facts.membership.inGroup);
  return (
    isMember &&
    document.observedAt >= createdAt &&
    document.status === status &&
    document.ssoEnabled === (status === 'active') &&
    document.inGroup &&
    isSame(document.groupPath, membership.groupPath) &&
    kindOfDrift({ userId: user.userId, user }, { document }) === null
  );
}

/** The same of a row of the MFA report; its own date says nothing of the person. */
export const isRowTold = (document: MfaDocument | undefined, row: MfaRegistration): boolean =>
  document !== undefined &&
  !document.stale &&
  document.state === toMfaState(row, { stale: false }) &&
  (Object.keys(row) as (keyof MfaRegistration)[]).every(
    (name) => name === 'reportedAt' || isSame(document[name], row[name]),
  );
