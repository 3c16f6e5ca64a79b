import { randomUUID } from 'node:crypto';
import { Failure } from '@muster/contracts';
import type { Graph, GraphSubscription } from '@muster/graph-client';

export type Call = { kind: 'create' | 'patch' | 'delete'; subscriptionId: string; resource: string; at: number };
type Subscriptions = Pick<
  Graph,
  'createSubscription' | 'renewSubscription' | 'deleteSubscription' | 'readSubscription' | 'listSubscriptions'
>;

const noAnswer = (): Failure => new Failure('graph.unavailable', 'Graph cannot be reached', { retryable: true });
const failure = (code: string, status: number, retryable = false): Failure =>
  new Failure(code, `Graph answers ${status}`, { retryable, details: { status } });

/** Graph's rules on subscriptions (contract 1): one a resource, gone when expired, silent when it loses one. */
export function createModelGraph(clock: { now: number }) {
  const held = new Map<string, GraphSubscription>();
  const calls: Call[] = [];
  const hidden = new Set<string>();
  let refusing: Failure | null = null;
  let dropping = 0;
  const isLive = ({ expiresAt }: GraphSubscription): boolean => Date.parse(expiresAt) > clock.now;
  const live = (): GraphSubscription[] => [...held.values()].filter(isLive);
  const findLive = (subscriptionId: string): GraphSubscription => {
    const found = held.get(subscriptionId);
    if (!found || !isLive(found)) throw failure('graph.not-found', 404);
    return found;
  };
  const answer = <T>(work: () => T, isTaken = false): Promise<T> =>
    new Promise((resolve) => {
      if (refusing) throw refusing;
      if (!isTaken && dropping > 0) {
        dropping -= 1;
        throw noAnswer();
      }
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
    renewSubscription: (subscriptionId, expiresAt) => {
      const isLost = dropping > 0 && !refusing;
      if (isLost) dropping -= 1;
      return answer(() => {
        const renewed = { ...findLive(subscriptionId), expiresAt };
        held.set(subscriptionId, renewed);
        note('patch', renewed);
        if (isLost) throw noAnswer();
        return renewed;
      }, isLost);
    },
    deleteSubscription: (subscriptionId) =>
      answer(() => {
        const gone = held.get(subscriptionId);
        if (gone) note('delete', gone);
        held.delete(subscriptionId);
      }),
    readSubscription: (subscriptionId) =>
      answer(() => live().find((one) => one.subscriptionId === subscriptionId) ?? null),
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
    /** Nobody gets the answers to the next calls. A PATCH among them is made all the same. */
    drop: (answers: number) => {
      dropping = answers;
    },
    /** Every call is refused so; null = Graph answers again. */
    refuse: (next: { code: string; status: number; retryable?: boolean } | null) => {
      refusing = next && failure(next.code, next.status, next.retryable);
    },
  };
}
export type ModelGraph = ReturnType<typeof createModelGraph>;
