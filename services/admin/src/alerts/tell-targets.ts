import type { AlertDelivery, AlertRecord, AlertTargetKind, AlertTargets } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { afterTry, listDue, toTitle } from './domain/follow-alerts.js';
import { Untold, type AlertMessage } from './message.js';
import { openTarget, type TargetOptions } from './targets.js';

export type TellOptions = TargetOptions & {
  store: { alerts: Pick<Store['alerts'], 'save'>; integrations: Pick<Store['integrations'], 'get'> };
  targets: AlertTargets | null;
  toRunbook: (rule: string) => string;
  /** Asked before each message. */
  mayGoOn: () => Promise<boolean>;
  open?: typeof openTarget;
  now: Now;
  logger: Logger;
};

/** What a target may take of one look; the rest is told in the next ones. */
const BUDGET_MS = 10_000;

type Due = { alertId: string; delivery: AlertDelivery };

/**
 * Tells what is due, each target by itself, so that a slow one keeps neither the others nor the next look waiting. A
 * target that fails once is left alone until the next look: the rest would fail too, each after its full patience.
 */
export async function tellTargets(records: readonly AlertRecord[], options: TellOptions): Promise<void> {
  const { now } = options;
  const known = new Map(records.map((record) => [record.alertId, record]));
  const due = records.flatMap(({ alertId, ...record }) =>
    listDue({ alertId, ...record }, now()).map((delivery): Due => ({ alertId, delivery })),
  );
  const kinds = new Set(due.map(({ delivery }) => delivery.target));
  const keep = createKeeper(known, options);
  await Promise.all([...kinds].map((kind) => tellTarget(kind)));

  async function tellTarget(kind: AlertTargetKind): Promise<void> {
    const begun = now().getTime();
    for (const { alertId, delivery } of due.filter((one) => one.delivery.target === kind)) {
      const record = known.get(alertId);
      if (!record || now().getTime() - begun > BUDGET_MS || !(await options.mayGoOn())) return;
      const failure = await tryTelling(record, delivery, options);
      await keep(alertId, delivery, failure);
      if (failure !== null) return;
    }
  }
}

/**
 * Told at least once: who dies between telling and saving tells again, under the same id. One save after the other, for
 * two targets have their deliveries in the same record.
 */
function createKeeper(known: Map<string, AlertRecord>, { store, now, logger }: TellOptions) {
  let last = Promise.resolve();
  const save = async (alertId: string, delivery: AlertDelivery, failure: string | null): Promise<void> => {
    const record = known.get(alertId);
    if (!record) return;
    if (failure !== null) logger.warn({ alertId, target: delivery.target, failure }, 'alert not told');
    const left = afterTry(delivery, failure, now());
    const untold = record.untold.flatMap((one) =>
      one.messageId === delivery.messageId ? (left ? [left] : []) : [one],
    );
    const after = { ...record, untold, revision: record.revision + 1 };
    if (await store.alerts.save(after)) known.set(alertId, after);
  };
  return (...telling: Parameters<typeof save>): Promise<void> => {
    const mine = last.then(() => save(...telling));
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** Why not, in words; null: it is told, or there is nobody to tell any more. */
async function tryTelling(record: AlertRecord, delivery: AlertDelivery, options: TellOptions): Promise<string | null> {
  try {
    const { targets, open = openTarget } = options;
    const tell = open(targets, delivery.target, options);
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
  { store, toRunbook }: TellOptions,
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
