import { signClientState, TOPICS, ZERO_ID } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { LeasesStore } from '@muster/store';
import type { Logger, Metrics } from '@muster/telemetry';

export type CanaryOptions = {
  leases: LeasesStore;
  holder: string;
  receiverUrl: string;
  clientStateKeys: readonly Buffer[];
  everyMs: number;
  now: Now;
  logger: Logger;
  metrics: Metrics;
};

/**
 * One signed item for each partition, by the road that Graph takes: it proves our part of the way, not Graph's, and
 * tells idle from dead.
 */
export function createCanary(options: CanaryOptions): (signal: AbortSignal) => Promise<void> {
  const { leases, holder, receiverUrl, everyMs, now, logger, metrics } = options;
  const flights = metrics.counter('muster_canary_flights_total', 'Canaries sent.', ['outcome']);
  return async (signal) => {
    // Kept until just before the next flight, so that many copies send one canary.
    if (!(await leases.acquire('canary', holder, everyMs * 0.9))) return;
    const body = JSON.stringify({ value: toItems(options.clientStateKeys, now()) });
    const headers = { 'content-type': 'application/json' };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
    try {
      const answer = await fetch(`${receiverUrl}/graph/notifications`, {
        method: 'POST',
        headers,
        body,
        signal: limit,
      });
      await answer.arrayBuffer();
      flights.inc({ outcome: String(answer.status) });
      if (answer.status !== 202) logger.warn({ status: answer.status }, 'canary was not taken');
    } catch (error) {
      if (signal.aborted) return;
      flights.inc({ outcome: 'failed' });
      logger.warn({ err: error }, 'canary could not be sent');
    }
  };
}

function toItems(keys: readonly Buffer[], at: Date): object[] {
  const clientState = signClientState({ integrationId: ZERO_ID, tenantId: ZERO_ID }, keys);
  return Array.from({ length: TOPICS.notifications.partitions }, (_, partition) => ({
    changeType: 'updated',
    clientState,
    resource: `Canary/${partition}`,
    resourceData: { eventTime: at.toISOString() },
    subscriptionId: ZERO_ID,
    tenantId: ZERO_ID,
  }));
}
