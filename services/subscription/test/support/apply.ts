import assert from 'node:assert/strict';
import { Failure, type SubscriptionRecord, type Watch } from '@muster/contracts';
import type { GraphSubscription } from '@muster/graph-client';
import { applyAction, type Applied, type ApplyContext } from '../../src/apply-action.js';
import type { Action } from '../../src/domain/plan-subscriptions.js';

export const NOW = new Date('2026-11-23T12:00:00.000Z');
const LIFE = 28 * 86_400_000;
export const WATCH: Watch = { entity: 'user', resource: '/users' };
export const SECRET = 'v1.a-client-state';
export const URL = 'https://receiver.example/graph/notifications';
export const [OLD, NEW, FOUND] = ['old', 'new', 'found'];
export const END = new Date(NOW.getTime() + LIFE).toISOString();

export const refusal = (code: string, status: number): Failure =>
  new Failure(code, `Graph answers ${status}`, { retryable: status >= 500, details: { status } });
export const [notFound, conflict, forbidden, away] = [
  refusal('graph.not-found', 404),
  refusal('graph.conflict', 409),
  refusal('graph.forbidden', 403),
  refusal('graph.unavailable', 503),
];

type Answers = {
  create?: unknown[];
  renew?: unknown;
  remove?: unknown;
  list?: Partial<GraphSubscription>[];
  /** An Error is thrown; null = it is gone. */
  read?: Error | Partial<GraphSubscription> | null;
  /** That a PATCH is to be sent cannot be kept. */
  intend?: Error;
};

/** Graph that answers as told (an Error is thrown), and what it was asked for. */
function graphThat({ create = [], renew, remove, list = [], read = {} }: Answers = {}) {
  const calls: string[] = [];
  const wanted: object[] = [];
  const answer = async <T>(call: string, given: unknown, value: T): Promise<T> => {
    calls.push(call);
    await Promise.resolve();
    if (given instanceof Error) throw given;
    return value;
  };
  const made = { resource: '/users', changeType: 'deleted,updated', notificationUrl: URL };
  const graph: ApplyContext['graph'] = {
    createSubscription: ({ expiresAt, ...asked }) => {
      wanted.push({ ...asked, expiresAt });
      return answer('create', create.shift(), { ...made, subscriptionId: NEW, expiresAt });
    },
    renewSubscription: (id, expiresAt) => answer(`renew ${id}`, renew, { ...made, subscriptionId: id, expiresAt }),
    deleteSubscription: (id) => answer(`delete ${id}`, remove, undefined),
    readSubscription: (id) =>
      answer(
        `read ${id}`,
        read,
        read instanceof Error || read === null
          ? null
          : { ...made, subscriptionId: id, expiresAt: known.expiresAt!, ...read },
      ),
    listSubscriptions: () =>
      answer(
        'list',
        null,
        list.map((item) => ({ ...made, subscriptionId: FOUND, expiresAt: END, ...item })),
      ),
  };
  return { graph, calls, wanted };
}

type Intended = ApplyContext['intend'];

const toContext = (graph: ApplyContext['graph'], intend: Intended): ApplyContext => ({
  settings: { integrationId: 'integration', tenantId: 'tenant' },
  graph,
  intend,
  now: () => NOW,
  lifetimeMs: LIFE,
  notificationUrl: URL,
  lifecycleNotificationUrl: 'https://receiver.example/graph/lifecycle',
  signedWith: 'key-2',
  signClientState: () => SECRET,
});
export const known: SubscriptionRecord = {
  integrationId: 'integration',
  tenantId: 'tenant',
  ...WATCH,
  subscriptionId: OLD,
  status: 'live',
  notificationUrl: 'https://old.example',
  signedWith: 'key-1',
  expiresAt: new Date(NOW.getTime() + 86_400_000).toISOString(),
  createdAt: '2026-11-01T00:00:00.000Z',
  deliversSince: '2026-11-01T00:00:00.000Z',
  renewedAt: null,
  failure: null,
};
export const failedWith = (code: string, count = 1) => ({ code, message: 'in words', at: NOW.toISOString(), count });
export const create = (replaces: string | null = null): Action => ({
  kind: 'create',
  watch: WATCH,
  replaces,
  reason: 'wanted',
});
export const renew = (record: SubscriptionRecord = known): Action => ({
  kind: 'renew',
  record,
  subscriptionId: OLD,
  reason: 'due',
});
export const live = {
  ...known,
  subscriptionId: NEW,
  notificationUrl: URL,
  signedWith: 'key-2',
  expiresAt: END,
  createdAt: NOW.toISOString(),
  deliversSince: NOW.toISOString(),
};

/** Carries an action out at a Graph that answers as told. */
export async function apply(action: Action, answers: Answers = {}, record?: SubscriptionRecord) {
  const { graph, calls, wanted } = graphThat(answers);
  const intended: SubscriptionRecord[] = [];
  const intend: Intended = async (wanting) => {
    calls.push('intend');
    await Promise.resolve();
    if (answers.intend) throw answers.intend;
    intended.push(wanting);
  };
  const applied: Applied = await applyAction(action, record, toContext(graph, intend));
  assert.doesNotMatch(JSON.stringify(applied.record), /a-client-state/);
  const { record: left, gap } = applied;
  return {
    ...applied,
    calls: calls.filter((call) => call !== 'intend'),
    order: calls,
    intended,
    wanted,
    gap,
    record: left,
    failure: left?.failure ?? null,
  };
}
