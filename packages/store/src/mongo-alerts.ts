import { alertRecord, alertTargets, type AlertRecord, type AlertTargets } from '@muster/contracts';
import type { Connection } from 'mongoose';
import type { AlertsStore, AlertTargetsStore } from './access-store.js';
import { rowsOf, saveNext } from './mongo-collections.js';

/** Resolved ones are cleared away at `clearAt`. */
type AlertRow = AlertRecord & { clearAt?: Date };

const KEPT_MS = 30 * 86_400_000;
const TARGETS = 'targets';
/** Beside the targets: among the alerts it would look like one. */
const LOOK = 'look';

export function createAlertsStore(connection: Connection): AlertsStore {
  const rows = rowsOf<AlertRow>(connection, 'alerts');
  const looks = rowsOf<{ at: string }>(connection, 'alertTargets');
  return {
    all: async () => (await rows.find({}).sort({ _id: 1 }).toArray()).map((row) => alertRecord.parse(row)),
    save: (record) => {
      const { state, resolvedAt } = record;
      const isOver = state === 'resolved' && resolvedAt !== null;
      const clear = isOver ? { clearAt: new Date(Date.parse(resolvedAt) + KEPT_MS) } : {};
      return saveNext(rows, record.alertId, { ...record, ...clear });
    },
    remove: async (alertId) => {
      await rows.deleteOne({ _id: alertId });
    },
    lookedAt: async () => (await looks.findOne({ _id: LOOK }))?.at ?? null,
    looked: async (at) => {
      await looks.updateOne({ _id: LOOK }, { $max: { at } }, { upsert: true });
    },
  };
}

export function createAlertTargetsStore(connection: Connection): AlertTargetsStore {
  const rows = rowsOf<AlertTargets>(connection, 'alertTargets');
  return {
    get: async () => {
      const row = await rows.findOne({ _id: TARGETS });
      return row && alertTargets.parse(row);
    },
    save: (record) => saveNext(rows, TARGETS, record),
  };
}
