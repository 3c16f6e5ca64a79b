import type { Metrics } from '@muster/telemetry';
import type { Finding } from './domain/rules.js';
import type { ConditionView } from '../status/read-status.js';

export type AlertMetrics = {
  set: (status: ConditionView, findings: readonly Finding[], now: Date) => void;
  clear: () => void;
};

/** Only the copy that watches shows them: an old figure of another copy would outlive its truth. */
export function createAlertMetrics(metrics: Metrics): AlertMetrics {
  const whose = ['integration'];
  const secret = metrics.gauge(
    'muster_secret_expires_seconds',
    'Until the credential in use ends; < 0: it has.',
    whose,
  );
  const read = metrics.gauge('muster_full_read_age_seconds', 'Since the last complete full read began.', [
    ...whose,
    'kind',
  ]);
  const drift = metrics.gauge(
    'muster_drift_share',
    'Of the people of the last full read, who were not as told.',
    whose,
  );
  const lost = metrics.gauge('muster_lost_recently', 'Changes of 30 min that no notification announced.', whose);
  const ends = metrics.gauge('muster_subscription_expires_seconds', 'Until the first live subscription ends.', whose);
  const quarantined = metrics.gauge('muster_services_quarantined', 'Services whose calls are held back.', whose);
  const plans = metrics.gauge('muster_plans_waiting', 'Plans of removals that wait for somebody.', whose);
  const oldest = metrics.gauge('muster_oldest_waiting_seconds', 'Age of the oldest event that waits.');
  const dead = metrics.gauge('muster_dead_letters', 'Dead letters that nobody has replayed.');
  const canary = metrics.gauge('muster_canary_age_seconds', 'Age of the oldest of the last probes.');
  const firing = metrics.gauge('muster_alert_holds', '1 where a rule holds now.', ['rule', ...whose]);
  const all = [secret, read, drift, lost, ends, quarantined, plans, oldest, dead, canary, firing];
  const clear = (): void => {
    for (const gauge of all) gauge.reset();
    // Those without labels come back as 0, which would be a lie.
    for (const gauge of [oldest, dead, canary]) gauge.remove();
  };
  return {
    clear,
    set: ({ integrations, pipeline }, findings, now) => {
      clear();
      const since = (at: string): number => (now.getTime() - Date.parse(at)) / 1_000;
      for (const { integrationId, state, credential } of integrations)
        if (credential && (state === 'active' || state === 'paused'))
          secret.set({ integration: integrationId }, -since(credential.expiresAt));
      for (const one of integrations.filter(({ state }) => state === 'active')) {
        const labels = { integration: one.integrationId };
        for (const kind of ['users', 'mfa'] as const) {
          const last = one.completed[kind];
          if (last) read.set({ ...labels, kind }, since(last.startedAt));
        }
        const { users } = one.completed;
        if (users?.drift && users.rows > 0)
          drift.set(labels, (users.drift.added + users.drift.changed + users.drift.removed) / users.rows);
        lost.set(labels, one.lostRecently);
        const lives = one.subscriptions.flatMap(({ status, expiresAt }) =>
          status === 'live' && expiresAt !== null ? [-since(expiresAt)] : [],
        );
        if (lives.length > 0) ends.set(labels, Math.min(...lives));
        quarantined.set(labels, one.quarantined.length);
        plans.set(labels, one.plansWaiting);
      }
      if (pipeline.projector) oldest.set(pipeline.projector.oldestMs / 1_000);
      if (pipeline.deadLettersOpen !== null) dead.set(pipeline.deadLettersOpen);
      if (pipeline.canaries.oldestAgeMs !== null) canary.set(pipeline.canaries.oldestAgeMs / 1_000);
      for (const { rule, integrationId, holds } of findings)
        if (holds !== null) firing.set({ rule, integration: integrationId ?? '' }, holds ? 1 : 0);
    },
  };
}
