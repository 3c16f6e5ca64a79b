import type { Logger, Metrics } from '@muster/telemetry';
import type { Lane } from './domain/budget.js';
import type { Bucket } from './domain/resource-units.js';
import type { TenantState } from './guard.js';

export type GraphMetrics = {
  onAnswer: (answer: { method: string; status: number; seconds: number }) => void;
  onWait: (lane: Lane, ms: number) => void;
  onThrottled: (bucket: Bucket, lane: Lane) => void;
  onState: (tenantId: string, state: TenantState) => void;
};

export function createGraphMetrics({ logger, metrics }: { logger: Logger; metrics?: Metrics }): GraphMetrics {
  const seconds = metrics?.histogram('muster_graph_request_seconds', 'Requests to Graph.', ['method', 'status']);
  const waits = metrics?.histogram('muster_graph_budget_wait_seconds', 'Waits for the budget of calls.', ['lane']);
  const throttled = metrics?.counter('muster_graph_throttled_total', 'Calls that Graph throttled.', ['bucket', 'lane']);
  const quarantined = metrics?.gauge('muster_graph_quarantined', '1 while a tenant is in quarantine.', ['tenant']);
  return {
    onAnswer: (answer) => {
      seconds?.observe({ method: answer.method, status: String(answer.status) }, answer.seconds);
      logger.trace(answer, 'graph answered');
    },
    onWait: (lane, ms) => waits?.observe({ lane }, ms / 1_000),
    onThrottled: (bucket, lane) => throttled?.inc({ bucket, lane }),
    onState: (tenant, { state }) => quarantined?.set({ tenant }, state === 'well' ? 0 : 1),
  };
}
