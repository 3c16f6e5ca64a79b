import type { Metrics } from '@muster/telemetry';

/** Graph slows an address down when 10 % of its answers take over 3 s; the buckets show how far away that is. */
const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 3, 10];

type Counter = ReturnType<Metrics['counter']>;
type Histogram = ReturnType<Metrics['histogram']>;
export type ReceiverMetrics = {
  requests: Counter;
  requestSeconds: Histogram;
  accepted: Counter;
  dropped: Counter;
  bySubscription: Counter;
  olderKey: Counter;
  publishSeconds: Histogram;
};

export function createReceiverMetrics(metrics: Metrics): ReceiverMetrics {
  return {
    requests: metrics.counter('muster_receiver_requests_total', 'Requests by kind and status.', ['kind', 'status']),
    requestSeconds: metrics.histogram(
      'muster_receiver_request_seconds',
      'Seconds from request to answer.',
      ['kind'],
      REQUEST_SECONDS,
    ),
    accepted: metrics.counter('muster_receiver_accepted_total', 'Items that are in Kafka, by kind.', ['kind']),
    dropped: metrics.counter('muster_receiver_dropped_total', 'Items dropped, by reason.', ['reason', 'kind']),
    bySubscription: metrics.counter(
      'muster_receiver_accepted_by_subscription_total',
      'Items that are in Kafka, by integration and what its subscription is for: its rate shows a replay or a storm.',
      ['integrationId', 'entity'],
    ),
    olderKey: metrics.counter(
      'muster_receiver_older_key_total',
      'Accepted items whose clientState was signed with an older key; a key may go when this stands still.',
    ),
    publishSeconds: metrics.histogram('muster_receiver_publish_seconds', 'Seconds until Kafka had a request whole.'),
  };
}
