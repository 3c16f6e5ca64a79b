import { z } from 'zod';
import { directoryUser } from './directory-user.js';
import { guid, instant } from './ids.js';
import { mfaRegistration } from './mfa-registration.js';

/** Which kind of read saw it. */
export const observationSource = z.enum(['notification', 'delta', 'full', 'request']);
export type ObservationSource = z.infer<typeof observationSource>;

const seen = {
  version: z.literal(1),
  integrationId: guid,
  tenantId: guid,
  source: observationSource,
  /** When the read began, in Graph's clock: the guard of every update. */
  observedAt: instant,
  snapshotId: z.string().optional(),
  /** Revision of the settings that the read was made for: whoever holds older ones reads them again first. */
  settingsRevision: z.int().positive().optional(),
  /** That plan allows this removal, by an admin or by the rule that it names: it waits no more. */
  planId: z.string().optional(),
};

/** A person was read, or was found to be gone. Key `{tenantId}/{userId}`. */
export const userObservation = z.object({
  ...seen,
  type: z.literal('user'),
  userId: guid,
  /** Null when the person is gone. */
  user: directoryUser.nullable(),
  /** Whether someone gone can still be restored. */
  removed: z.enum(['soft', 'hard']).optional(),
  /** Present when the read also saw whether the person is in the chosen group. */
  membership: z
    .object({
      /** The group that it is about; not told by early versions. */
      groupId: guid.nullable().optional(),
      inGroup: z.boolean(),
      groupPath: z.array(guid),
    })
    .optional(),
});
export type UserObservation = z.infer<typeof userObservation>;

/** A person was seen in, or no longer in, the chosen group. Key `{tenantId}/{userId}`. */
export const membershipObservation = z.object({
  ...seen,
  type: z.literal('membership'),
  userId: guid,
  groupId: guid,
  inGroup: z.boolean(),
  groupPath: z.array(guid),
});
export type MembershipObservation = z.infer<typeof membershipObservation>;

/** A group of the chosen group's tree: where it hangs. Key `{tenantId}/{groupId}`. */
export const groupObservation = z.object({
  ...seen,
  type: z.literal('group'),
  groupId: guid,
  displayName: z.string().nullable(),
  /** Ids from the chosen group down to this one; null when it left the tree. */
  groupPath: z.array(guid).nullable(),
});
export type GroupObservation = z.infer<typeof groupObservation>;

/** A row of the MFA report, or its absence from a complete report. Key `{tenantId}/{userId}`. */
export const mfaObservation = z.object({
  ...seen,
  type: z.literal('mfa'),
  userId: guid,
  row: mfaRegistration.nullable(),
});
export type MfaObservation = z.infer<typeof mfaObservation>;

export const snapshotKind = z.enum(['users', 'mfa']);
export type SnapshotKind = z.infer<typeof snapshotKind>;

/** End mark of a snapshot, published to every partition after the last row by the same producer. */
export const snapshotEnd = z.object({
  ...seen,
  type: z.literal('snapshot-end'),
  snapshotId: z.string(),
  kind: snapshotKind,
  partition: z.int().nonnegative(),
  rows: z.int().nonnegative(),
});
export type SnapshotEnd = z.infer<typeof snapshotEnd>;

/** Value of `graph.observations` and `graph.sweeps`. */
export const observation = z.discriminatedUnion('type', [
  userObservation,
  membershipObservation,
  groupObservation,
  mfaObservation,
  snapshotEnd,
]);
export type Observation = z.infer<typeof observation>;
