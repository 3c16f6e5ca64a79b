import { isFailure, type Failure } from '@muster/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Graph, GraphPage, WantedSubscription } from './graph.js';

/**
 * What trying a right for real showed. `missing`: which of three things is missing. `unknown`: Graph was away or
 * throttled, or the thing itself (a group, a slot) is in the way: nothing is proved.
 */
export type ProbeOutcome =
  | { outcome: 'proved' }
  | { outcome: 'missing'; why: 'consent' | 'directory-role' | 'licence'; failure: Failure }
  | { outcome: 'unknown'; failure: Failure };

export type ProbeOptions = {
  /** The licence's 403 strikes licensed tenants at random: so many are needed in a row (contract 6.2). Default 3. */
  licenceTries?: number;
  wait?: (ms: number) => Promise<unknown>;
};

const proved: ProbeOutcome = { outcome: 'proved' };
const LICENCE_PAUSE_MS = 1_000;

/** `User.Read.All`: reads the first page of people. */
export const probeUsers = (graph: Pick<Graph, 'userPages'>): Promise<ProbeOutcome> =>
  probe(() => readFirst(graph.userPages({ pageSize: 1 })));

/** `GroupMember.Read.All`: reads the first page of the group's members. */
export const probeMembers = (graph: Pick<Graph, 'memberPages'>, groupId: string): Promise<ProbeOutcome> =>
  probe(() => readFirst(graph.memberPages(groupId)));

/**
 * `AuditLog.Read.All`: reads one row of the report. `granted`: the permissions in the token, which tell a missing
 * consent from a missing directory role (only people need one).
 */
export async function probeReport(
  graph: Pick<Graph, 'mfaPages'>,
  granted: readonly string[],
  { licenceTries = 3, wait = sleep }: ProbeOptions = {},
): Promise<ProbeOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await probe(() => readFirst(graph.mfaPages({ pageSize: 1 })));
    if (outcome.outcome !== 'missing') return outcome;
    if (outcome.why === 'consent' && granted.includes('AuditLog.Read.All'))
      return { ...outcome, why: 'directory-role' };
    if (outcome.why !== 'licence' || attempt >= licenceTries) return outcome;
    await wait(LICENCE_PAUSE_MS);
  }
}

/**
 * The right to hear of people or of a group: creates a real subscription and deletes it. One that holds the slot (409)
 * is left alone: it shows that the app may subscribe.
 */
export async function probeSubscription(
  graph: Pick<Graph, 'createSubscription' | 'deleteSubscription'>,
  wanted: WantedSubscription,
): Promise<ProbeOutcome> {
  const outcome = await probe(async () => {
    const { subscriptionId } = await graph.createSubscription(wanted);
    await graph.deleteSubscription(subscriptionId);
  });
  return outcome.outcome === 'unknown' && outcome.failure.code === 'graph.conflict' ? proved : outcome;
}

async function probe(work: () => Promise<unknown>): Promise<ProbeOutcome> {
  try {
    await work();
    return proved;
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (error.code === 'graph.no-licence') return { outcome: 'missing', why: 'licence', failure: error };
    if (error.code === 'graph.forbidden') return { outcome: 'missing', why: 'consent', failure: error };
    return { outcome: 'unknown', failure: error };
  }
}

async function readFirst(pages: AsyncIterable<GraphPage<unknown>>): Promise<void> {
  await pages[Symbol.asyncIterator]().next();
}
