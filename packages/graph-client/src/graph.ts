import type { DirectoryUser, MfaRegistration, Watch } from '@muster/contracts';

/**
 * The port to Microsoft Graph for one tenant: our types, no SDK types. Every method rejects with a Failure whose
 * `retryable` and `retryAfterMs` follow the status and Retry-After. Codes: `graph.throttled`, `graph.unavailable`,
 * `graph.forbidden`, `graph.unauthorized`, `graph.not-found`, `graph.gone` (delta or page token), `graph.refused`,
 * `graph.conflict` (a subscription's slot is taken; details.subscriptionId where Graph names it), `graph.no-licence`,
 * `token.refused` (with the AADSTS number in details.aadsts), `graph.malformed`.
 * `observedAt` = when the read began, in Graph's clock.
 */
export type Graph = {
  /** One `$batch` per 20: null = gone; whether it can be restored is asked too. Parts that failed are failures. */
  readUsers: (userIds: readonly string[], options?: { groupId?: string | null }) => Promise<ReadUser[]>;
  /** Streams `/users`; the link is where to resume. `resumeFrom` continues an earlier run. */
  userPages: (options?: { resumeFrom?: string; pageSize?: number }) => AsyncIterable<GraphPage<DirectoryUser>>;
  countUsers: () => Promise<number>;
  /** Direct members of one group: people and nested groups (others are left out). */
  memberPages: (groupId: string) => AsyncIterable<GraphPage<GroupMember>>;
  /** Null when the group is gone. */
  readGroup: (groupId: string) => Promise<{ groupId: string; displayName: string | null } | null>;
  mfaPages: (options?: { resumeFrom?: string; pageSize?: number }) => AsyncIterable<GraphPage<MfaRegistration>>;
  /** Null = not in the report. */
  readMfa: (userId: string) => Promise<{ row: MfaRegistration | null; observedAt: string }>;
  createSubscription: (wanted: WantedSubscription) => Promise<GraphSubscription>;
  /** One PATCH: renews and reauthorises. Rejects with `graph.not-found` when it is gone. */
  renewSubscription: (subscriptionId: string, expiresAt: string) => Promise<GraphSubscription>;
  deleteSubscription: (subscriptionId: string) => Promise<void>;
  listSubscriptions: () => Promise<GraphSubscription[]>;
  /** Proves tenant, client id and secret; answers the permissions (roles) in the token. */
  signIn: () => Promise<{ permissions: string[] }>;
  /** Local clock minus Graph's `Date`, ms; null before the first answer. */
  clockSkewMs: () => number | null;
};

export type GraphPage<T> = {
  rows: T[];
  /** Rows of this page that could not be read as what they should be; never silently left out of a complete read. */
  malformed: number;
  nextLink: string | null;
  observedAt: string;
};
export type GroupMember = { id: string; kind: 'user' | 'group' };

export type ReadUser = { userId: string; observedAt: string } & (
  | { found: 'yes'; user: DirectoryUser; inGroup: boolean | null }
  | { found: 'no'; removed: 'soft' | 'hard' }
  | { found: 'failed'; failure: Error }
);

export type WantedSubscription = Watch & {
  notificationUrl: string;
  lifecycleNotificationUrl: string;
  clientState: string;
  expiresAt: string;
};
export type GraphSubscription = {
  subscriptionId: string;
  resource: string;
  changeType: string;
  notificationUrl: string;
  expiresAt: string;
};

/** How to reach one tenant. The secret is opened at the moment of use. */
export type GraphCredentials = {
  tenantId: string;
  clientId: string;
  clientSecret: string;
  graphUrl: string;
  loginUrl: string;
};
/** Makes (and keeps) one Graph per integration and secret; a changed secret makes a new one. */
export type GraphFactory = (credentials: GraphCredentials) => Graph;
