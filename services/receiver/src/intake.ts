import type { ServerResponse } from 'node:http';
import { createClientStateVerifier, isFailure, type Failure } from '@muster/contracts';
import type { OutgoingEvent } from '@muster/event-log';
import { answerText } from './answer.js';
import type { ReceiverDependencies } from './app.js';
import { acceptNotification, type AcceptOptions, type DropReason, type Verdict } from './domain/accept-notification.js';
import { parseBody } from './parse-body.js';
import type { ReceiverMetrics } from './receiver-metrics.js';

type Accepted = Extract<Verdict, { status: 'accepted' }>;
type DroppedKind = Extract<Verdict, { status: 'dropped' }>['kind'];
/** What is known of a request beside its body: `performance.now()` of its arrival, and what its log line says. */
export type Delivery = { arrivedAt: number; toFacts?: () => object };
type IntakeDependencies = Omit<ReceiverDependencies, 'metrics' | 'logger'> & { metrics: ReceiverMetrics };

/** From the request's arrival. Graph waits 3 s for an answer; after that it counts us as slow. */
const ANSWER_WITHIN_MS = 2_000;
/** More than this many true items do not fit into the greatest body. */
const MOST_ITEMS = 4_000;
/** So many of one body may fail their proof before no more are tried: each costs an HMAC by key, and Graph sends none. */
const MOST_UNPROVED = 100;

/**
 * 202 says: every good item is in Kafka. Bad ones are counted and dropped, also when none is good: a 4xx would make
 * Graph retry them for 4 h and would tell a forger what to change.
 */
export function createIntake({ publisher, keys, now, metrics }: IntakeDependencies) {
  const verify = createClientStateVerifier(keys);
  return async (body: Buffer, response: ServerResponse, delivery: Delivery): Promise<void> => {
    const receivedAt = now();
    const items = parseBody(body);
    if (!items) {
      answerText(response, 400, 'send a JSON object whose value is a list of notifications');
      return;
    }
    if (items.length > MOST_ITEMS) {
      answerText(response, 413, `send at most ${MOST_ITEMS} notifications in a request`);
      return;
    }
    const proveSome = limitFailures(verify, MOST_UNPROVED);
    const verdicts = items.map((item) => acceptNotification(item, { verify: proveSome, receivedAt }));
    const accepted = verdicts.filter((verdict) => verdict.status === 'accepted');
    delivery.toFacts = () => toFacts(verdicts, accepted);
    countDropped(verdicts, metrics);
    try {
      const begun = performance.now();
      const deadlineMs = Math.max(1, ANSWER_WITHIN_MS - (begun - delivery.arrivedAt));
      if (accepted.length > 0) await publisher.publish(accepted.map(toOutgoing), { deadlineMs });
      metrics.publishSeconds.observe((performance.now() - begun) / 1_000);
    } catch (error) {
      if (!isFailure(error) || !error.retryable) throw error;
      delivery.toFacts = () => ({ ...toFacts(verdicts, accepted), failure: error.code });
      answerUnavailable(response, error);
      return;
    }
    countAccepted(accepted, metrics);
    response.statusCode = 202;
    response.end();
  };
}

/** Of one body: once so many were not proved, the rest is refused unseen, good ones too. */
function limitFailures(verify: AcceptOptions['verify'], most: number): AcceptOptions['verify'] {
  let failed = 0;
  return (clientState, tenantId) => {
    if (failed >= most) return { proved: false, reason: 'unproved' };
    const verdict = verify(clientState, tenantId);
    if (!verdict.proved) failed += 1;
    return verdict;
  };
}

const toOutgoing = (verdict: Accepted): OutgoingEvent => {
  const { kind, key, value } = verdict;
  const topic = kind === 'lifecycle' ? 'lifecycle' : 'notifications';
  const partition = kind === 'notification' ? verdict.partition : undefined;
  return { topic, key, value, ...(partition === undefined ? {} : { partition }) };
};

/** Once for all of a kind: a label costs as much as the counting. */
function countAccepted(accepted: readonly Accepted[], metrics: ReceiverMetrics): void {
  const lifecycle = accepted.filter(({ kind }) => kind === 'lifecycle').length;
  const older = accepted.filter(({ keyIndex }) => keyIndex > 0).length;
  if (accepted.length > lifecycle) metrics.accepted.inc({ kind: 'notification' }, accepted.length - lifecycle);
  if (lifecycle > 0) metrics.accepted.inc({ kind: 'lifecycle' }, lifecycle);
  if (older > 0) metrics.olderKey.inc(older);
  for (const { count, ...labels } of bySubscription(accepted)) metrics.bySubscription.inc(labels, count);
}

/** By what is proved: whoever holds one clientState may name any subscription of its tenant. */
function bySubscription(accepted: readonly Accepted[]) {
  const counted = new Map<string, { integrationId: string; entity: string; count: number }>();
  for (const { kind, value } of accepted) {
    const { integrationId } = value;
    const entity = kind === 'lifecycle' ? kind : value.entity;
    const name = `${integrationId}/${entity}`;
    const known = counted.get(name);
    if (known) known.count += 1;
    else counted.set(name, { integrationId, entity, count: 1 });
  }
  return counted.values();
}

/** Once for all of a kind, here too: a stranger may send thousands. */
function countDropped(verdicts: readonly Verdict[], metrics: ReceiverMetrics): void {
  const counted = new Map<string, { reason: DropReason; kind: DroppedKind; count: number }>();
  for (const verdict of verdicts) {
    if (verdict.status !== 'dropped') continue;
    const { reason, kind } = verdict;
    const known = counted.get(reason + kind);
    if (known) known.count += 1;
    else counted.set(reason + kind, { reason, kind, count: 1 });
  }
  for (const { count, ...labels } of counted.values()) metrics.dropped.inc(labels, count);
}

function answerUnavailable(response: ServerResponse, { retryAfterMs = 1_000 }: Failure): void {
  response.setHeader('Retry-After', String(Math.ceil(retryAfterMs / 1_000)));
  answerText(response, 503, 'the event log is not available; send this again');
}

/** For the log line: whose items these were, and what was refused. */
const toFacts = (verdicts: readonly Verdict[], accepted: readonly Accepted[]): object => ({
  items: verdicts.length,
  accepted: accepted.length,
  integrationIds: [...new Set(accepted.map(({ value }) => value.integrationId))].slice(0, 10),
  dropped: [...new Set(verdicts.flatMap((verdict) => (verdict.status === 'dropped' ? [verdict.reason] : [])))],
});
