import type { DirectoryUser, MfaRegistration, Watch } from '@muster/contracts';
import type { TokenVault } from './token-vault.js';

/**
 * The port to Microsoft Graph for one tenant: our types, no SDK types. Every method rejects with a Failure whose
 * `retryable` and `retryAfterMs` follow the status and Retry-After. Codes: `graph.throttled`, `graph.unavailable`,
 * `graph.forbidden`, `graph.unauthorized`, `graph.not-found`, `graph.gone` (delta or page token), `graph.refused`,
 * `graph.conflict` (a subscription's slot is taken; details.subscriptionId where Graph names it), `graph.no-licence`,
 * `token.refused` (details.aadsts: the AADSTS number; details.signInAgain: an admin has to sign in again),
 * `graph.malformed`.
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
  /** People in a group and in the groups below it, each once. */
  groupPeoplePages: (groupId: string) => AsyncIterable<GraphPage<DirectoryUser>>;
  /** Groups below a group, each once. */
  countNestedGroups: (groupId: string) => Promise<number>;
  mfaPages: (options?: { resumeFrom?: string; pageSize?: number }) => AsyncIterable<GraphPage<MfaRegistration>>;
  /**
   * Changes of people since a link, everyone without one, or with `latest` only a link to go on from. A link that Graph
   * no longer takes: `graph.gone`.
   */
  userDeltaPages: (options?: { from?: string | undefined; latest?: boolean }) => AsyncIterable<DeltaPage<DeltaUser>>;
  /** The same for up to 50 groups and their direct members. */
  groupDeltaPages: (options: {
    groupIds: readonly string[];
    from?: string | undefined;
    latest?: boolean;
  }) => AsyncIterable<DeltaPage<DeltaGroup>>;
  /** Null = not in the report. */
  readMfa: (userId: string) => Promise<{ row: MfaRegistration | null; observedAt: string }>;
  /** How long that many more pages of a full read will take, ms, by what Graph lets through. `pageMs`: one by itself. */
  forecast: (read: FullRead, left: { pages: number; pageMs: number }) => number;
  createSubscription: (wanted: WantedSubscription) => Promise<GraphSubscription>;
  /** One PATCH: renews and reauthorises. Rejects with `graph.not-found` when it is gone. */
  renewSubscription: (subscriptionId: string, expiresAt: string) => Promise<GraphSubscription>;
  deleteSubscription: (subscriptionId: string) => Promise<void>;
  /** Null when it is gone; the list has been seen to hide live ones. */
  readSubscription: (subscriptionId: string) => Promise<GraphSubscription | null>;
  listSubscriptions: () => Promise<GraphSubscription[]>;
  /** Proves tenant, client id and secret; answers the permissions (roles) in the token. */
  signIn: () => Promise<{ permissions: string[] }>;
  /** Local clock minus Graph's `Date`, ms; null before the first answer, and with `now` when none came for ten minutes. */
  clockSkewMs: (now?: Date) => number | null;
};

/** Of people, or of the MFA report. */
export type FullRead = 'users' | 'mfa';

export type GraphPage<T> = {
  rows: T[];
  /** Rows of this page that could not be read as what they should be; never silently left out of a complete read. */
  malformed: number;
  nextLink: string | null;
  observedAt: string;
};
/** Exactly one of the links is there; an object may come several times, on any page. */
export type DeltaPage<T> = {
  rows: T[];
  malformed: number;
  nextLink: string | null;
  deltaLink: string | null;
  observedAt: string;
};
export type DeltaUser = { userId: string } & (
  { user: DirectoryUser; removed?: never } | { user: null; removed: 'soft' | 'hard' }
);
export type DeltaMember = GroupMember & { removed: boolean };
export type DeltaGroup = {
  groupId: string;
  /** Null while the group is there. */
  removed: 'soft' | 'hard' | null;
  /** Undefined: not told. */
  displayName?: string | null | undefined;
  members: DeltaMember[];
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

/** How an app proves itself: https://learn.microsoft.com/entra/identity-platform/certificate-credentials */
export type AppProof = { clientSecret: string } | { certificate: AppCertificate };
/** `thumbprintSha256` in hex; `privateKey` in PEM (PKCS #8). The public part is uploaded to the app registration. */
export type AppCertificate = { thumbprintSha256: string; privateKey: string };

/** One app in one tenant. What is secret is opened at the moment of use. */
export type AppCredentials = AppProof & {
  tenantId: string;
  clientId: string;
  graphUrl: string;
  loginUrl: string;
};

/**
 * How to reach one tenant: as the app itself (application permissions), or, with `delegated`, on behalf of the admin
 * who consented.
 */
export type GraphCredentials = AppCredentials & {
  delegated?: TokenVault | undefined;
  /** How many people the tenant has, where that is known: Graph allows larger tenants more. */
  people?: number | undefined;
};
/** Makes (and keeps) one Graph per integration and secret; a changed secret makes a new one. */
export type GraphFactory = (credentials: GraphCredentials) => Graph;
