// The shapes of the API that the pages read, as services/admin describes them in /api/v1/openapi.json. What is optional
// here may be missing in an older service: the page then leaves that part out.

export type Notice = {
  level: 'problem' | 'remark';
  text: string;
  cure: string;
  /** The page where it is mended. */
  page?: string;
  /** An alert tells the same. */
  rule?: string;
};
export type Features = { userSync: boolean; mfaVerification: boolean };
export type IntegrationState = 'draft' | 'active' | 'paused' | 'removed';
export type Failure = { code: string; message: string; at?: string };

export type Integration = {
  integrationId: string;
  name: string;
  tenantId: string;
  clientId: string;
  cloud: string;
  features: Features;
  groupId: string | null;
  includeGuests: boolean;
  consent: 'application' | 'delegated';
  state: IntegrationState;
  secret: { hint: string; expiresAt: string; addedAt: string } | null;
  revision: number;
  createdAt: string;
  updatedAt: string;
  startedAt: string | null;
};

export type LagStep = 'graph' | 'kafka' | 'read' | 'document' | 'feed' | 'total' | 'ours';
export type Lag = { step: LagStep; count: number; p50: number | null; p95: number | null; p99: number | null };

export type Snapshot = {
  snapshotId: string;
  kind: 'users' | 'mfa';
  integrationId: string;
  state: 'running' | 'published' | 'complete' | 'failed';
  reason: string;
  rows: number;
  expectedRows: number | null;
  startedAt: string;
  finishedAt: string | null;
  projectedPartitions: number;
  partitions: number;
  failure: Failure | null;
  progress?: { phase: 'reading' | 'projecting'; share: number | null; etaMs: number | null } | null;
  drift?: Record<string, number> | null;
};

export type Subscription = {
  resource: string;
  entity: 'user' | 'group';
  status: 'live' | 'missing' | 'refused' | 'slot-taken';
  expiresAt: string | null;
  renewedAt: string | null;
  failure: Failure | null;
};
export type SubscriptionEvent = {
  at: string;
  lastAt?: string;
  times: number;
  kind: 'create' | 'renew' | 'sweep';
  reason: string;
  failure: string | null;
};
/** One of `/integrations/{id}/subscriptions`. */
export type SubscriptionDetail = Subscription & {
  createdAt: string | null;
  notifiedAt: string | null;
  events: SubscriptionEvent[];
};

export type Loss = { announced: number; lost: number; share: number | null; worstDelayMs: number; open: number };

export type IntegrationStatus = {
  integrationId: string;
  name: string;
  tenantId: string;
  state: IntegrationState;
  verdict?: { verdict: string; reasons: string[] } | null;
  groupId: string | null;
  features?: Features;
  people: {
    total: number;
    active: number;
    disabled: number;
    deleted: number;
    outOfScope: number;
    inGroup: number;
    ssoEnabled: number;
  };
  mfa: { capable: number; registered: number; notRegistered: number; unknown: number };
  subscriptions: Subscription[];
  cursors: { kind: string; takenAt: string; sweptAt: string; usable: boolean; failure: Failure | null }[];
  loss: Loss;
  plansWaiting: number;
  snapshots: Record<'users' | 'mfa', Snapshot | null>;
  /** The last complete full reads. */
  completed?: Record<'users' | 'mfa', { startedAt: string; rows: number } | null>;
  lag: Lag[];
  notices: Notice[];
};

export type Canary = { partition: number; ageMs: number; ms: number };
export type Pipeline = {
  canaries: { partitions: number; seen: Canary[]; oldestAgeMs: number | null; slowestMs: number | null };
  projector: {
    waiting: number;
    oldestMs?: number;
    stuckMs?: number;
    topics: { topic: string; waiting: number }[];
    partitions?: { topic: string; partition: number; waiting: number; oldestMs: number; stuckMs: number }[];
  } | null;
  deadLetters: number | null;
  /** Those of them that nobody has replayed. */
  deadLettersOpen: number | null;
  notices: Notice[];
};
export type Status = { at: string; integrations: IntegrationStatus[]; pipeline: Pipeline };

export type MfaState = 'capable' | 'registered' | 'not-registered' | 'unknown';
export type UserStatus = 'active' | 'disabled' | 'deleted' | 'out-of-scope';
export type Mfa = {
  isAdmin: boolean | null;
  isMfaRegistered: boolean;
  isMfaCapable: boolean;
  isPasswordlessCapable: boolean;
  methodsRegistered: string[];
  userPreferredMethodForSecondaryAuthentication: string | null;
  reportedAt: string | null;
  observedAt: string;
  changedAt: string;
  revision: number;
  stale: boolean;
};
export type User = {
  userId: string;
  tenantId: string;
  userPrincipalName: string | null;
  displayName: string | null;
  givenName: string | null;
  surname: string | null;
  mail: string | null;
  jobTitle: string | null;
  department: string | null;
  accountEnabled: boolean | null;
  userType: string | null;
  status: UserStatus;
  ssoEnabled: boolean;
  inGroup: boolean;
  groupPath: string[];
  revision: number;
  observedAt: string;
  changedAt: string;
  mfaState: MfaState;
  mfa: Mfa | null;
};
export type Page<T> = { items: T[]; nextCursor: string | null };

export type Plan = {
  planId: string;
  integrationId: string;
  state: 'waiting' | 'allowed' | 'refused' | 'done';
  reason: string;
  inScope: number;
  counts: Record<'waiting' | 'allowed' | 'refused' | 'removed' | 'stayed' | 'superseded', number>;
  createdAt: string;
  updatedAt: string;
  decidedAt: string | null;
  decidedBy: string | null;
};

/** One of `/plans/{planId}/people`. */
export type PlanPerson = { userId: string; displayName: string | null; why: string; state: string };

export type CoverageState = 'covered' | 'swept' | 'blind' | (string & {});
export type Coverage = {
  integrationId: string;
  since: string;
  intervals: { from: string; to: string; state: CoverageState; sweeps: number }[];
  loss: Loss;
};

export type DeadLetter = {
  offset: string;
  partition?: number;
  origin: { topic: string; partition: number; offset: string; key: string | null } | null;
  reason: { code: string; message: string };
  payload: unknown;
  at: string;
  replayed?: { at: string; by: string; times: number } | null;
};

export type AlertLevel = Notice['level'];
export type Alert = {
  rule: string;
  title: string;
  level: AlertLevel;
  state: 'pending' | 'firing' | 'resolved';
  integrationId: string | null;
  text: string;
  since: string;
  firedAt: string | null;
  resolvedAt: string | null;
  runbook: string;
  untold: { target: TargetKind; tries: number; nextAt: string; failure: string | null }[];
};
export type AlertRule = { rule: string; title: string; level: AlertLevel; afterMs: number; runbook: string };
/** Judged by Prometheus only. */
export type ElsewhereRule = Pick<AlertRule, 'rule' | 'title' | 'runbook'>;
export type TargetKind = 'webhook' | 'email';
export type MailTarget = {
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'none';
  user: string | null;
  hasPassword: boolean;
  from: string;
  to: string[];
};
export type AlertTargets = {
  webhook: { address: string; hasSecret: true } | null;
  email: MailTarget | null;
  updatedAt: string | null;
};

/** Object ids or user principal names; and whoever is in the group. */
export type TenantAdmins = { people: string[]; groupId: string | null };

export type CheckResult = {
  ok: boolean;
  verdicts: { field: string; state: string; text: string; cure: string | null }[];
  rights: { permission: string; state: string; feature: string; needed: boolean; costs: string }[];
};

export type ApiKey = {
  keyId: string;
  name: string;
  role: 'operator' | 'tenant-admin';
  integrationId: string | null;
  scopes?: string[];
  createdAt: string;
  expiresAt?: string | null;
  lastUsedAt?: string | null;
};
