import { SUBSCRIPTION_EVENTS, type SubscriptionEvent, type SubscriptionRecord } from '@muster/contracts';
import type { Action } from './plan-subscriptions.js';

type Done = Pick<SubscriptionEvent, 'kind' | 'reason' | 'failure'>;

/** The history with one more event, newest first. What fails again in the same way is counted, not repeated. */
export function addEvent(events: readonly SubscriptionEvent[], done: Done, at: Date): SubscriptionEvent[] {
  const [last, ...before] = events;
  const now = at.toISOString();
  if (last && done.failure !== null && last.failure === done.failure && last.kind === done.kind)
    return [{ ...last, lastAt: now, times: last.times + 1 }, ...before];
  return [{ ...done, at: now, times: 1 }, ...events].slice(0, SUBSCRIPTION_EVENTS);
}

type Acted = { before: readonly SubscriptionEvent[] | undefined; action: Action; at: Date };

/** What an action came to goes into the history of its record. */
export function withEvent(record: SubscriptionRecord, { before = [], action, at }: Acted): SubscriptionRecord {
  if (action.kind === 'remove') return record;
  const { reason } = action;
  // What became of a renewal is asked for: that is how the renewal goes on.
  const kind = action.kind === 'check' ? 'renew' : action.kind;
  return { ...record, events: addEvent(before, { kind, reason, failure: record.failure?.code ?? null }, at) };
}
