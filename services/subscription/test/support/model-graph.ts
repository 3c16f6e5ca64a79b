import { randomUUID } from 'node:crypto';
import { Failure } from '@muster/contracts';
import type { Graph, GraphSubscription } from '@muster/graph-client';

export type Call = { kind: 'create' | 'patch' | 'delete'; subscriptionId: string; resource: string; at: number };
type Subscriptions = Pick<
  Graph,
  'createSubscription' | 'renewSubscription' | 'deleteSubscription' | 'hasSubscription' | 'listSubscriptions'
>;

const failure = (code: string, status: number, retryable = false): Failure =>
  new Failure(code, `Graph answers ${status}`, { retryable, details: { status } });

/** Graph's rules on subscriptions (contract 1): one a resource, gone when expired, silent when it loses one. */
export function createModelGraph(clock: { now: number }) {
  const held = new Map<string, GraphSubscription>();
  const calls: Call[] = [];
  const hidden = new Set<string>();
  let refusing: Failure | null = null;
  const isLive = ({ expiresAt }: GraphSubscription): boolean => Date.parse(expiresAt) > clock.now;
  const live = (): GraphSubscription[] => [...held.values()].filter(isLive);
  const findLive = (subscriptionId: string): GraphSubscription => {
    const found = held.get(subscriptionId);
    if (!found || !isLive(found)) throw failure('graph.not-found', 404);
    return found;
  };
  const answer = <T>(work: () => T): Promise<T> =>
    new Promise((resolve) => {
      if (refusing) throw refusing;
      resolve(work());
    });
  const note = (kind: Call['kind'], { subscriptionId, resource }: GraphSubscription): void => {
    calls.push({ kind, subscriptionId, resource, at: clock.now });
  };
  const hold = (fields: Omit<GraphSubscription, 'subscriptionId' | 'changeType'>): GraphSubscription => {
    const subscription = { subscriptionId: randomUUID(), changeType: 'updated,deleted', ...fields };
    held.set(subscription.subscriptionId, subscription);
    return subscription;
  };

  const graph: Subscriptions = {
    createSubscription: ({ resource, notificationUrl, expiresAt }) =>
      answer(() => {
        if (live().some((other) => other.resource === resource)) throw failure('graph.conflict', 409);
        const made = hold({ resource, notificationUrl, expiresAt });
        note('create', made);
        return made;
      }),
    renewSubscription: (subscriptionId, expiresAt) =>
      answer(() => {
        const renewed = { ...findLive(subscriptionId), expiresAt };
        held.set(subscriptionId, renewed);
        note('patch', renewed);
        return renewed;
      }),
    deleteSubscription: (subscriptionId) =>
      answer(() => {
        const gone = held.get(subscriptionId);
        if (gone) note('delete', gone);
        held.delete(subscriptionId);
      }),
    hasSubscription: (subscriptionId) => answer(() => live().some((one) => one.subscriptionId === subscriptionId)),
    listSubscriptions: () => answer(() => live().filter(({ subscriptionId }) => !hidden.has(subscriptionId))),
  };
  return {
    graph,
    calls,
    live,
    /** Taken by another program of the same app, until `lose`. */
    hold,
    /** Lives, but is not listed. */
    hide: (subscriptionId: string) => void hidden.add(subscriptionId),
    lose: (subscriptionId: string) => void held.delete(subscriptionId),
    /** Every call is refused so; null = Graph answers again. */
    refuse: (next: { code: string; status: number; retryable?: boolean } | null) => {
      refusing = next && failure(next.code, next.status, next.retryable);
    },
  };
}
export type ModelGraph = ReturnType<typeof createModelGraph>;
