import type { Connection } from 'mongoose';
import { Failure, integrationSettings, type IntegrationSettings, type SubscriptionRecord } from '@muster/contracts';
import { isDuplicate, rowsOf, toRecord, type Rows } from './mongo-collections.js';
import type { IntegrationsStore, SubscriptionsStore } from './store.js';

const tenantTaken = (settings: IntegrationSettings, cause: unknown): Failure =>
  new Failure('integration.tenant-taken', 'this tenant has an integration already; open it, or remove it first', {
    retryable: false,
    cause,
    details: { integrationId: settings.integrationId, tenantId: settings.tenantId },
  });

/** `sequence` is for whoever looks often and wants only what is new. */
type SettingsRow = IntegrationSettings & { sequence?: number };
type CounterRow = { value: number };

export function createIntegrationsStore(connection: Connection): IntegrationsStore {
  const rows = rowsOf<SettingsRow>(connection, 'integrations');
  const counters = rowsOf<CounterRow>(connection, 'counters');
  const count = () =>
    counters.findOneAndUpdate({ _id: 'integrations' }, { $inc: { value: 1 } }, { returnDocument: 'after' });
  const begin = () =>
    counters.insertOne({ _id: 'integrations', value: 0 }).catch((error: unknown) => {
      if (!isDuplicate(error)) throw error;
    });
  const toRow = async (settings: IntegrationSettings): Promise<SettingsRow> => {
    // Not one upsert: of two first saves at one time, the second would be told of a duplicate, or of nothing.
    const counter = (await count()) ?? (await begin().then(count));
    if (!counter) throw new Error('the server gave no number for a save');
    return { ...settings, sequence: counter.value };
  };
  return {
    all: async () => (await rows.find({}).sort({ _id: 1 }).toArray()).map((row) => integrationSettings.parse(row)),
    saved: async (after) => {
      const found = await rows.find(after === null ? {} : { sequence: { $gt: after } }).toArray();
      return found.map((row) => ({ settings: integrationSettings.parse(row), sequence: row.sequence ?? null }));
    },
    get: async (integrationId) => {
      const row = await rows.findOne({ _id: integrationId });
      return row && integrationSettings.parse(row);
    },
    insert: async (settings) => {
      await rows.insertOne({ _id: settings.integrationId, ...(await toRow(settings)) }).catch((error: unknown) => {
        throw isDuplicate(error) ? tenantTaken(settings, error) : error;
      });
    },
    replace: async (settings, revision) => {
      const { integrationId } = settings;
      // The unique index by tenant speaks here too: one that was removed may come back only while its tenant is free.
      const result = await rows
        .replaceOne({ _id: integrationId, revision }, await toRow(settings))
        .catch((error: unknown) => {
          throw isDuplicate(error) ? tenantTaken(settings, error) : error;
        });
      return result.matchedCount === 1;
    },
  };
}

export function createSubscriptionsStore(connection: Connection): SubscriptionsStore {
  const rows = rowsOf<SubscriptionRecord>(connection, 'subscriptions');
  // The driver's filter types know no null for a field that may be absent.
  const plain = rows as unknown as Rows<Record<string, unknown>>;
  const toId = (integrationId: string, resource: string): string => `${integrationId}/${resource}`;
  return {
    ofIntegration: async (integrationId) =>
      (await rows.find({ integrationId }).sort({ _id: 1 }).toArray()).map((row) => toRecord<SubscriptionRecord>(row)),
    all: async () => (await rows.find({}).sort({ _id: 1 }).toArray()).map((row) => toRecord<SubscriptionRecord>(row)),
    save: async (record, { reauthoriseWantedAt, recreateWantedAt } = {}) => {
      const _id = toId(record.integrationId, record.resource);
      // Null is what a field is that is not there.
      const seen = { reauthoriseWantedAt: reauthoriseWantedAt ?? null, recreateWantedAt: recreateWantedAt ?? null };
      try {
        await plain.replaceOne({ _id, ...seen }, { ...record }, { upsert: true });
        return null;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        const row = await rows.findOne({ _id });
        return row && toRecord<SubscriptionRecord>(row);
      }
    },
    want: async (integrationId, subscriptionId, wish) => {
      await rows.updateMany({ integrationId, subscriptionId }, { $set: wish });
    },
    inventoried: async (integrationId, at) => {
      await rows.updateMany({ integrationId }, { $set: { inventoriedAt: at } });
    },
    remove: async (integrationId, resource) => {
      await rows.deleteOne({ _id: toId(integrationId, resource) });
    },
  };
}
