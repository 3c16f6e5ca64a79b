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
import { withFailures } from './with-failures.js';

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
};

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
    await connection.asPromise();
    if (indexes) await ensureIndexes(connection);
  } catch (error) {
    await connection.close(true).catch(() => undefined);
    throw toFailure(error);
  }
  const { ping, close } = withFailures({
    ping: async (): Promise<void> => {
      await connection.db?.command({ ping: 1 }, { timeoutMS: serverSelectionTimeoutMs });
    },
    close: (): Promise<void> => connection.close(),
  });
  return {
    users: withFailures(createUsersStore(connection)),
    mfa: withFailures(createMfaStore(connection)),
    groups: withFailures(createGroupsStore(connection)),
    integrations: withFailures(createIntegrationsStore(connection)),
    subscriptions: withFailures(createSubscriptionsStore(connection)),
    snapshots: withFailures(createSnapshotsStore(connection)),
    cursors: withFailures(createCursorsStore(connection)),
    plans: withFailures(createPlansStore(connection)),
    coverage: withFailures(createCoverageStore(connection)),
    personReads: withFailures(createPersonReadsStore(connection)),
    removals: withFailures(createRemovalsStore(connection)),
    replays: withFailures(createReplaysStore(connection)),
    announced: withFailures(createAnnouncedStore(connection)),
    leases: withFailures(createLeasesStore(connection, now)),
    lag: withFailures(createLagStore(connection)),
    apiKeys: withFailures(createApiKeysStore(connection)),
    sessions: withFailures(createSessionsStore(connection)),
    tokenCaches: withFailures(createTokenCachesStore(connection)),
    tenantHealth: withFailures(createTenantHealthStore(connection)),
    permissionTables: withFailures(createPermissionTablesStore(connection)),
    once: withFailures(createOnceStore(connection)),
    audit: withFailures(createAuditStore(connection)),
    changes: withFailures(createChangesStore(connection)),
    alerts: withFailures(createAlertsStore(connection)),
    alertTargets: withFailures(createAlertTargetsStore(connection)),
    ping,
    close,
  };
}
