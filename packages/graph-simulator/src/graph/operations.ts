import type { Operation } from './operation.js';
import { APPLICATION_OPERATIONS } from './operations/applications.js';
import { METHOD_OPERATIONS } from './operations/authentication-methods.js';
import { DIRECTORY_OPERATIONS } from './operations/directory.js';
import { GROUP_DELTA_OPERATIONS } from './operations/groups-delta.js';
import { GROUP_OPERATIONS } from './operations/groups.js';
import { IDENTITY_PROTECTION_OPERATIONS } from './operations/identity-protection.js';
import { REPORT_OPERATIONS } from './operations/reports.js';
import type { SubscriptionTools } from './operations/subscriptions.js';
import { createSubscriptionOperations } from './operations/subscriptions.js';
import { WRITE_OPERATIONS } from './operations/user-writes.js';
import { USER_DELTA_OPERATIONS } from './operations/users-delta.js';
import { USER_OPERATIONS } from './operations/users.js';

/** Every call that this Graph knows. */
export const createGraphOperations = (tools: SubscriptionTools): readonly Operation[] => [
  ...USER_OPERATIONS,
  ...USER_DELTA_OPERATIONS,
  ...WRITE_OPERATIONS,
  ...GROUP_OPERATIONS,
  ...GROUP_DELTA_OPERATIONS,
  ...DIRECTORY_OPERATIONS,
  ...APPLICATION_OPERATIONS,
  ...METHOD_OPERATIONS,
  ...REPORT_OPERATIONS,
  ...IDENTITY_PROTECTION_OPERATIONS,
  ...createSubscriptionOperations(tools),
];
