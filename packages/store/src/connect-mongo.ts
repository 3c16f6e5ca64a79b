import mongoose from 'mongoose';
import { createApiKeysStore, createAuditStore, createOnceStore } from './mongo-access.js';
import { createAlertsStore, createAlertTargetsStore } from './mongo-alerts.js';
import { createChangesStore } from './mongo-changes.js';
import { ensureIndexes, ON_DISK } from './mongo-collections.js';
import { toFailure } from './mongo-failure.js';
import { createCoverageStore, createCursorsStore, createPlansStore } from './mongo-deltas.js';
import { createLagStore } from './mongo-lag.js';
import { createMfaStore, createUsersStore } from './mongo-people.js';
import { createPersonReadsStore } from './mongo-person-reads.js';
import { createReplaysStore } from './mongo-replays.js';
import { createAnnouncedStore } from './mongo-announced.js';
import { createRemovalsStore } from './mongo-removals.js';
import { createGroupsStore, createLeasesStore, createSnapshotsStore } from './mongo-runs.js';
import { createIntegrationsStore, createSubscriptionsStore } from './mongo-settings.js';
import { createSessionsStore } from './mongo-sessions.js';
import { createPermissionTablesStore, createTenantHealthStore, createTokenCachesStore } from './mongo-tenant-access.js';
import type { Store } from './store.js';
import { answered, countUnheard, withFailures } from './with-failures.js';

type StoreLogger = {
  info: (fields: object, message: string) => void;
  warn: (fields: object, message: string) => void;
};

export type ConnectOptions = {
  /** With the database's name. */
  uri: string;
  logger: StoreLogger;
  now?: () => Date;
  /** How long a command waits for a server before it fails, ms. Default 3,000. */
  serverSelectionTimeoutMs?: number;
  /** False where indexes are made by another job. Default true. */
  indexes?: boolean;
  /** So many commands were never answered that the pool runs dry: only another process has a fresh one. */
  onExhausted?: (error: Error) => void;
  /** How long connecting may take, ms. Default 2 min. */
  connectLimitMs?: number;
};

const CONNECT_LIMIT_MS = 120_000;
/** Of all together: an index that is new is made of every document that is there, which may be millions. */
const INDEXES_LIMIT_MS = 3_600_000;
const CLOSE_LIMIT_MS = 2_000;

/** Connects and makes what indexes are missing. Rejects with a retryable Failure `store.unavailable`. */
export async function connectStore(options: ConnectOptions): Promise<Store> {
  const { uri, logger, now = () => new Date(), serverSelectionTimeoutMs = 3_000, indexes = true } = options;
  const connection = mongoose.createConnection(uri, {
    // An outage shows at once, as a failure that can be retried, not as a command that waits unseen.
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
    serverSelectionTimeoutMS: serverSelectionTimeoutMs,
    socketTimeoutMS: 30_000,
    writeConcern: ON_DISK,
    ignoreUndefined: true,
    appName: 'muster',
  });
  connection.on('disconnected', () => logger.warn({}, 'mongodb disconnected'));
  connection.on('reconnected', () => logger.info({}, 'mongodb reconnected'));
  // Each command reports its own failure; without a listener an 'error' event would end the process.
  connection.on('error', (error: Error) => logger.warn({ error: error.name }, 'mongodb connection failed'));
  try {
    await answered(connection.asPromise(), { longestMs: options.connectLimitMs ?? CONNECT_LIMIT_MS });
    if (indexes) await answered(ensureIndexes(connection), { longestMs: INDEXES_LIMIT_MS });
  } catch (error) {
    // mongoose keeps a connection that is only closed, and whoever waits for a database tries for hours.
    await answered(connection.destroy(true), { longestMs: CLOSE_LIMIT_MS }).catch(() => undefined);
    throw toFailure(error);
  }
  const onUnheard = countUnheard(options.onExhausted);
  const heard = <T extends Parameters<typeof withFailures>[0]>(methods: T): T => withFailures(methods, { onUnheard });
  const { ping, close } = heard({
    ping: async (): Promise<void> => {
      await connection.db?.command({ ping: 1 }, { timeoutMS: serverSelectionTimeoutMs });
    },
    close: (): Promise<void> => connection.close(),
  });
  return {
    users: heard(createUsersStore(connection)),
    mfa: heard(createMfaStore(connection)),
    groups: heard(createGroupsStore(connection)),
    integrations: heard(createIntegrationsStore(connection)),
    subscriptions: heard(createSubscriptionsStore(connection)),
    snapshots: heard(createSnapshotsStore(connection)),
    cursors: heard(createCursorsStore(connection)),
    plans: heard(createPlansStore(connection)),
    coverage: heard(createCoverageStore(connection)),
    personReads: heard(createPersonReadsStore(connection)),
    removals: heard(createRemovalsStore(connection)),
    replays: heard(createReplaysStore(connection)),
    announced: heard(createAnnouncedStore(connection)),
    leases: heard(createLeasesStore(connection, now)),
    lag: heard(createLagStore(connection)),
    apiKeys: heard(createApiKeysStore(connection)),
    sessions: heard(createSessionsStore(connection)),
    tokenCaches: heard(createTokenCachesStore(connection)),
    tenantHealth: heard(createTenantHealthStore(connection)),
    permissionTables: heard(createPermissionTablesStore(connection)),
    once: heard(createOnceStore(connection)),
    audit: heard(createAuditStore(connection)),
    changes: heard(createChangesStore(connection)),
    alerts: heard(createAlertsStore(connection)),
    alertTargets: heard(createAlertTargetsStore(connection)),
    ping,
    close,
  };
}
