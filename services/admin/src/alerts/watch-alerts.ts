import type { AlertDelivery, AlertRecord, AlertTargets } from '@muster/contracts';
import { everyPart, type Now, type Part } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { KEY_SCOPES } from '@muster/store';
import type { Principal } from '../keys/principal.js';
import type { ReadStatus } from '../status/read-status.js';
import type { AlertMetrics } from './alert-metrics.js';
import { afterTry, followAlerts, listDue, toTitle } from './domain/follow-alerts.js';
import { judgeAlerts, type AlertFacts, type Periods } from './domain/rules.js';
import { Untold, type AlertMessage } from './message.js';
import { listKinds, openTarget, type TargetOptions } from './targets.js';

export type AlertWatchOptions = TargetOptions & {
  store: Pick<Store, 'alerts' | 'alertTargets' | 'leases' | 'integrations'>;
  readStatus: ReadStatus;
  metrics: AlertMetrics;
  periods: Periods;
  toRunbook: (rule: string) => string;
  /** This copy among all. */
  holder: string;
  now: Now;
  logger: Logger;
};

const EVERY_MS = 15_000;
const LEASE = 'alerts';
/** Three looks: whoever watches goes on watching, unless it is gone. Longer than a target may take. */
const LEASE_MS = 45_000;

/** Sees everything, on nobody's behalf. */
const WATCHER: Principal = {
  ...{ actor: 'alerts', role: 'operator', integrationId: null, scopes: KEY_SCOPES },
  ...{ sessionHash: null, keyHash: null, person: null },
};

/** One look: judge, keep what turned, tell what is due. Of several copies one does it, by a lease. */
export function createAlertWatch(options: AlertWatchOptions): () => Promise<void> {
  const { store, readStatus, metrics, periods, holder, now } = options;
  const isWatching = (): Promise<boolean> => store.leases.acquire(LEASE, holder, LEASE_MS);
  return async () => {
    if (!(await isWatching())) {
      metrics.clear();
      return;
    }
    const [status, targets, before] = await Promise.all([
      readStatus(WATCHER),
      store.alertTargets.get(),
      store.alerts.all(),
    ]);
    const facts: AlertFacts = { ...status, integrations: status.integrations.map(toFacts) };
    const findings = judgeAlerts(facts, { now: now(), periods });
    metrics.set(status, findings, now());
    const { save, remove } = followAlerts(before, findings, { now: now(), targets: listKinds(targets) });
    for (const record of save) await store.alerts.save(record);
    for (const alertId of remove) await store.alerts.remove(alertId);
    const records = (await store.alerts.all()).filter(({ untold }) => untold.length > 0);
    for (const record of records) {
      let current = record;
      for (const delivery of listDue(record, now())) {
        // Whoever lost the lease meanwhile leaves the rest to the new holder.
        if (!(await isWatching())) return;
        current = await tellOne(current, delivery, { targets, options });
      }
    }
  };
}

export const alertWatchPart = (options: AlertWatchOptions): Part => {
  const part = everyPart({
    name: 'alerts',
    everyMs: EVERY_MS,
    run: createAlertWatch(options),
    logger: options.logger,
  });
  return {
    ...part,
    stop: async () => {
      await part.stop();
      await options.store.leases.release(LEASE, options.holder);
    },
  };
};

type StatusOfOne = Awaited<ReturnType<ReadStatus>>['integrations'][number];

const toFacts = (one: StatusOfOne): AlertFacts['integrations'][number] => ({
  ...one,
  measured: one.lag.find(({ step }) => step === 'kafka')?.count ?? 0,
});

type Telling = { targets: AlertTargets | null; options: AlertWatchOptions };

/** Told at least once: who dies between telling and saving tells again, under the same id. */
async function tellOne(
  record: AlertRecord,
  delivery: AlertDelivery,
  { targets, options }: Telling,
): Promise<AlertRecord> {
  const { store, now, logger } = options;
  const failure = await tryTelling(record, delivery, { targets, options });
  if (failure !== null) logger.warn({ alertId: record.alertId, target: delivery.target, failure }, 'alert not told');
  const left = afterTry(delivery, failure, now());
  const untold = record.untold.flatMap((one) => (one.messageId === delivery.messageId ? (left ? [left] : []) : [one]));
  const after = { ...record, untold, revision: record.revision + 1 };
  return (await store.alerts.save(after)) ? after : record;
}

/** Why not, in words; null: it is told, or there is nobody to tell any more. */
async function tryTelling(
  record: AlertRecord,
  delivery: AlertDelivery,
  { targets, options }: Telling,
): Promise<string | null> {
  try {
    const tell = openTarget(targets, delivery.target, options);
    await tell?.(await toMessage(record, delivery, options));
    return null;
  } catch (error) {
    if (error instanceof Untold) return error.message;
    options.logger.error({ err: error, alertId: record.alertId }, 'alert not told');
    return 'The secret of this target cannot be opened, or something went wrong here; the log says what.';
  }
}

async function toMessage(
  { rule, level, integrationId, since }: AlertRecord,
  { messageId, event, text, at }: AlertDelivery,
  { store, toRunbook }: AlertWatchOptions,
): Promise<AlertMessage> {
  const settings = integrationId === null ? null : await store.integrations.get(integrationId);
  return {
    id: messageId,
    type: `muster.alert.${event}`,
    at,
    data: {
      ...{ rule, title: toTitle(rule), level, text, since, integrationId },
      integrationName: settings?.name ?? null,
      runbook: toRunbook(rule),
    },
  };
}
