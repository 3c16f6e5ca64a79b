import { everyPart, type Now, type Part } from '@muster/runtime';
import type { Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import pLimit from 'p-limit';
import { KEY_SCOPES } from '@muster/store';
import type { Principal } from '../keys/principal.js';
import type { IntegrationCondition } from '../status/domain/status-view.js';
import { READ_AT_ONCE, type ReadCondition } from '../status/read-status.js';
import { BREAK_GLASS_REFUSED, BREAK_GLASS_USED } from '../audit/audit.js';
import type { AlertMetrics } from './alert-metrics.js';
import { countLate, mayBeLate } from './domain/late-changes.js';
import { followAlerts } from './domain/follow-alerts.js';
import type { AlertFacts, Periods } from './domain/alert-facts.js';
import { judgeAlerts } from './domain/rules.js';
import { listKinds, type TargetOptions } from './targets.js';
import { tellTargets } from './tell-targets.js';

type AlertTargets = Awaited<ReturnType<Store['alertTargets']['get']>>;
export type AlertWatchOptions = TargetOptions & {
  store: Pick<Store, 'alerts' | 'alertTargets' | 'leases' | 'integrations' | 'audit' | 'lag'>;
  readCondition: ReadCondition;
  metrics: AlertMetrics;
  periods: Periods;
  toRunbook: (rule: string) => string;
  /** This copy among all. */
  holder: string;
  now: Now;
  logger: Logger;
  /** Milliseconds on a clock that is never set. */
  elapsed?: () => number;
};

const EVERY_MS = 15_000;
/** Hundreds of integrations take the database a while: looks are a tenth of its time at most, and not further apart than this. */
const REST_SHARE = 9;
const LONGEST_REST_MS = 120_000;
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
  const { store, readCondition, metrics, periods, holder, now, elapsed = () => performance.now() } = options;
  const isWatching = (): Promise<boolean> => store.leases.acquire(LEASE, holder, LEASE_MS);
  let restUntil = 0;
  /** Whoever lost the lease meanwhile leaves the rest to the new holder. */
  const tell = async (targets: AlertTargets): Promise<void> =>
    tellTargets(await store.alerts.all(), { ...options, targets, mayGoOn: isWatching });
  return async () => {
    if (!(await isWatching())) {
      metrics.clear();
      return;
    }
    const begun = elapsed();
    if (begun < restUntil) {
      // A target that failed is tried again in its time.
      await tell(await store.alertTargets.get());
      return;
    }
    const { condition, targets, before, breakGlass, integrations } = await whileRenewed(isWatching, async () => {
      const [condition, targets, before, breakGlass] = await Promise.all([
        readCondition(WATCHER),
        store.alertTargets.get(),
        store.alerts.all(),
        readBreakGlass(store.audit, now()),
      ]);
      const integrations = await pLimit(READ_AT_ONCE).map(condition.integrations, (one) =>
        readFacts(store.lag, one, now()),
      );
      return { condition, targets, before, breakGlass, integrations };
    });
    const ended = elapsed();
    restUntil = ended + Math.min(LONGEST_REST_MS, REST_SHARE * (ended - begun));
    // Whoever watches instead judges instead.
    if (!(await isWatching())) {
      metrics.clear();
      return;
    }
    const facts: AlertFacts = { ...condition, integrations, breakGlass };
    const findings = judgeAlerts(facts, { now: now(), periods });
    metrics.set(condition, findings, now());
    const { save, remove } = followAlerts(before, findings, { now: now(), targets: listKinds(targets) });
    for (const record of save) await store.alerts.save(record);
    for (const alertId of remove) await store.alerts.remove(alertId);
    await store.alerts.looked(now().toISOString());
    await tell(targets);
  };
}

/** Many integrations take long to read: two copies that take the lease from each other would never end a look. */
async function whileRenewed<T>(renew: () => Promise<boolean>, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => void renew().catch(() => false), LEASE_MS / 3);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
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

const HOUR_MS = 3_600_000;

async function readFacts(
  lag: Pick<Store['lag'], 'sum'>,
  one: IntegrationCondition,
  now: Date,
): Promise<AlertFacts['integrations'][number]> {
  const p99 = one.lag.find(({ step }) => step === 'ours')?.p99 ?? null;
  const since = new Date(now.getTime() - HOUR_MS);
  return {
    ...one,
    measured: one.lag.find(({ step }) => step === 'kafka')?.count ?? 0,
    ours: { p99, lastHour: mayBeLate(p99) ? countLate((await lag.sum(one.integrationId, since)).ours) : null },
  };
}

async function readBreakGlass(audit: Store['audit'], now: Date): Promise<AlertFacts['breakGlass']> {
  const since = new Date(now.getTime() - HOUR_MS).toISOString();
  const recent = async (action: string) => (await audit.page({ action, limit: 100 })).filter(({ at }) => at > since);
  const [used, refused] = await Promise.all([recent(BREAK_GLASS_USED), recent(BREAK_GLASS_REFUSED)]);
  return { used, refused: refused.length };
}
