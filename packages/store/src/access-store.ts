import type { AlertRecord, AlertTargets, ChangeWay, DirectoryChange } from '@muster/contracts';

/** The part of the port to MongoDB that says who may do what, and who did: admin is its only writer. */

/** What an API key may be used for; people may do everything that their role may. */
export const KEY_SCOPES = ['read', 'write', 'operate', 'keys', 'gate'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

export type ApiKeyRecord = {
  keyId: string;
  name: string;
  /** SHA-256 of the key; keys are 256-bit random, so a fast hash is enough. */
  hash: string;
  role: 'operator' | 'tenant-admin';
  integrationId: string | null;
  scopes: readonly KeyScope[];
  createdAt: string;
  /** Null: until it is taken away. */
  expiresAt: string | null;
  /** To the minute; null while it was never used. */
  lastUsedAt: string | null;
};
export type ApiKeysStore = {
  byHash: (hash: string) => Promise<ApiKeyRecord | null>;
  insert: (record: ApiKeyRecord) => Promise<void>;
  all: () => Promise<ApiKeyRecord[]>;
  used: (keyId: string, at: string) => Promise<void>;
  remove: (keyId: string) => Promise<boolean>;
};

/** Somebody who can be asked about anew. */
export type ProvedSubject =
  /** The API key that was pasted, by its hash, so that the session ends with the key. */
  | { kind: 'key'; keyHash: string }
  /** Somebody who signed in at Microsoft. */
  | { kind: 'person'; integrationId: string; tenantId: string; userId: string }
  /** SHA-256 of the password's hash in the environment, so that the session ends when that is changed. */
  | { kind: 'break-glass'; passwordHash: string };

/** A setup link stands for whoever made it, so that its session ends with them. */
export type SessionSubject = ProvedSubject | { kind: 'setup-link'; maker: ProvedSubject };

export type SessionRecord = {
  /** SHA-256 of the id in the cookie. */
  sessionHash: string;
  subject: SessionSubject;
  createdAt: string;
  seenAt: string;
  /** When it ends unless it is used before; never later than `endsAt`. */
  expiresAt: string;
  endsAt: string;
  /** When it was last proved, by the projection or Graph, that the person may be here. */
  provedAt: string;
};
export type SessionsStore = {
  insert: (record: SessionRecord) => Promise<void>;
  /** Also one that has expired, until the server clears it away: readers compare `expiresAt`. */
  get: (sessionHash: string) => Promise<SessionRecord | null>;
  /** Nothing when the session is gone meanwhile: it does not come back. */
  touch: (sessionHash: string, fields: Pick<SessionRecord, 'seenAt' | 'expiresAt' | 'provedAt'>) => Promise<void>;
  remove: (sessionHash: string) => Promise<void>;
  /** Ends all sessions of a person, those of their setup links too; answers how many there were. */
  removePerson: (tenantId: string, userId: string) => Promise<number>;
};

/** What may be used a single time: states of sign-ins, setup links. */
export type OnceStore = {
  /** True for the first who uses it, of however many at a time; forgotten after `until`, when it is no longer valid. */
  use: (id: string, until: Date) => Promise<boolean>;
};

export type AuditRecord = {
  /** Sorts by time. */
  auditId: string;
  at: string;
  actor: string;
  /** `post /integrations/{integrationId}/start`, `sign-in`, … */
  action: string;
  integrationId: string | null;
  /** Path parameters, or who signed in. Ids only. */
  target: Record<string, string>;
  outcome: 'done' | 'refused' | 'failed';
  /** HTTP status, where there was one; why. */
  status: number | null;
  why: string | null;
  address: string | null;
};
export type AuditStore = {
  insert: (record: AuditRecord) => Promise<void>;
  /** Newest first; `before` is the `auditId` of the last one that was seen. */
  page: (filter: {
    integrationId?: string;
    actor?: string;
    action?: string;
    outcome?: AuditRecord['outcome'];
    before?: string;
    limit: number;
  }) => Promise<AuditRecord[]>;
};

/** A change as it came on the feed, kept for the history of a person. `_id` = the event's id. */
export type KeptChange = {
  id: string;
  tenantId: string;
  userId: string;
  type: DirectoryChange['type'];
  revision: number;
  /** Fields that changed, with their new values. */
  changed: Record<string, unknown>;
  /** The way: the read began, the document changed, Kafka took it. */
  observedAt: string;
  changedAt: string;
  feedAt: string;
  /** Steps before; absent where the feed did not tell them. */
  way?: ChangeWay;
  keepUntil: string;
};
export type ChangesStore = {
  /** Repeats of an event are kept once. */
  keep: (changes: readonly KeptChange[]) => Promise<void>;
  /** Newest first; `before` is `{changedAt} {id}` of the last one that was seen. */
  ofPerson: (
    person: { tenantId: string; userId: string },
    options: { limit: number; before?: string },
  ) => Promise<KeptChange[]>;
};

export type AlertsStore = {
  all: () => Promise<AlertRecord[]>;
  /** Answers false when another copy saved in between: `revision` is one more than that of the record that was read. */
  save: (record: AlertRecord) => Promise<boolean>;
  remove: (alertId: string) => Promise<void>;
  /** When some copy last looked at everything that alerts are about; null: none ever did. */
  lookedAt: () => Promise<string | null>;
  looked: (at: string) => Promise<void>;
};
/** Where alerts go; null while nobody said. */
export type AlertTargetsStore = {
  get: () => Promise<AlertTargets | null>;
  /** Answers false when somebody else saved in between. */
  save: (record: AlertTargets) => Promise<boolean>;
};

/** When a dead letter was last sent to its origin again, and by whom. Kept longer than dead letters are. */
export type ReplayRecord = { partition: number; offset: string; replayedAt: string; replayedBy: string; times: number };
export type ReplaysStore = {
  add: (replay: Omit<ReplayRecord, 'times'>) => Promise<void>;
  of: (letters: readonly { partition: number; offset: string }[]) => Promise<ReplayRecord[]>;
  /** Of the letters at `from` and behind it, in that partition: those that were replayed. */
  count: (kept: { partition: number; from: number }) => Promise<number>;
};

export type AccessStores = {
  replays: ReplaysStore;
  alerts: AlertsStore;
  alertTargets: AlertTargetsStore;
  apiKeys: ApiKeysStore;
  sessions: SessionsStore;
  once: OnceStore;
  audit: AuditStore;
  changes: ChangesStore;
};
