import { z } from 'zod';
import { guid, instant } from './ids.js';

const text = z.string().nullable();

/** A person as read from Graph: the properties that Muster keeps. Never-set ones are null. */
export const directoryUser = z.object({
  userId: guid,
  userPrincipalName: text,
  displayName: text,
  givenName: text,
  surname: text,
  mail: text,
  jobTitle: text,
  department: text,
  accountEnabled: z.boolean().nullable(),
  userType: text,
});
export type DirectoryUser = z.infer<typeof directoryUser>;

/** What is kept of a person besides the id. */
export const USER_PROPERTIES = directoryUser.omit({ userId: true }).keyof().options;

/** The `$select` that fills a {@link DirectoryUser}; accountEnabled and userType come by $select only. */
export const USER_SELECT = ['id', ...USER_PROPERTIES].join(',');

/** The first that fits of deleted, out-of-scope, disabled, active. */
export const userStatus = z.enum(['active', 'disabled', 'deleted', 'out-of-scope']);
export type UserStatus = z.infer<typeof userStatus>;

/** By the document: somebody who would be missed. */
export const isInScopeStatus = (status: UserStatus | null | undefined): boolean =>
  status === 'active' || status === 'disabled';

/** A document of `users`, `_id` = `{tenantId}/{userId}`. [fixed] */
export const userDocument = directoryUser.extend({
  tenantId: guid,
  status: userStatus,
  /** Active and, where a group is set, in it: may sign in. */
  ssoEnabled: z.boolean(),
  inGroup: z.boolean(),
  /**
   * Group ids from the chosen group down to the one that holds the person; empty when not in it or without a group, and
   * while nobody told yet by which way the person is in.
   */
  groupPath: z.array(guid),
  /** Raised by one with each change, without gaps. */
  revision: z.int().positive(),
  /** When the read behind this document began. */
  observedAt: instant,
  changedAt: instant,
});
export type UserDocument = z.infer<typeof userDocument>;
