import { createHash } from 'node:crypto';
import type { Logger, Metrics } from '@muster/telemetry';
import { createBudget } from './budget.js';
import { createClockSkew, type ClockSkew } from './clock-skew.js';
import { createGraph } from './create-graph.js';
import { toIdentityLimit } from './domain/resource-units.js';
import type { Graph, GraphCredentials, GraphFactory } from './graph.js';
import { createGraphMetrics, type GraphMetrics } from './graph-metrics.js';
import { createGuard, type Budgets, type TenantState } from './guard.js';
import { createTransport } from './microsoft-graph.js';
import { createAppToken, type AccessToken } from './msal-app-token.js';
import { createDelegatedToken } from './msal-delegated-token.js';
import { createReportBudget, type ReportTurn } from './report-budget.js';

const TIMEOUT_MS = 30_000;
/** Graph counts resource units in 10 s, writes of subscriptions (500) in 20 s. */
const IDENTITY_WINDOW_MS = 10_000;
const SUBSCRIPTIONS = { units: 500, windowMs: 20_000 };

export type GraphFactoryOptions = {
  logger: Logger;
  metrics?: Metrics;
  /** For one request or sign-in, ms. */
  timeoutMs?: number;
  /** What of an app's limit in a tenant this process may use, 0 to 1; the shares of all processes sum to less than 1. */
  share?: number;
  /** Units of subscriptions that may go at once, where a tenth of the share is too little (a list costs 20). */
  subscriptionBurst?: number | undefined;
  /** Waits for this process's turn at the MFA report; without it every turn is ours. */
  reportTurn?: (credentials: GraphCredentials) => ReportTurn;
  /** A tenant was put in quarantine, left it, or gave its first good answer. */
  onState?: (credentials: Pick<GraphCredentials, 'tenantId' | 'clientId'>, state: TenantState) => void;
};

/** Outlives the secret: Graph counts by app and tenant. */
type Shared = { skew: ClockSkew; budgets: Budgets };

/** Keeps one Graph per tenant, app and secret: tokens, clock skew, budget and quarantine are shared by all who ask. */
export function createGraphFactory(options: GraphFactoryOptions): GraphFactory {
  const kept = new Map<string, { key: string; graph: Graph; shared: Shared }>();
  const metrics = createGraphMetrics(options);
  return (credentials) => {
    const name = [credentials.graphUrl, credentials.tenantId, credentials.clientId].join(' ');
    const key = toKey(credentials);
    const held = kept.get(name);
    if (held && credentials.people !== undefined)
      held.shared.budgets.identity.resize(toIdentityLimit(credentials.people) * (options.share ?? 1));
    if (held?.key === key) return held.graph;
    const shared = held?.shared ?? { skew: createClockSkew(), budgets: createBudgets(credentials, options, metrics) };
    const graph = connect(credentials, shared, options, metrics);
    kept.set(name, { key, graph, shared });
    return graph;
  };
}

function connect(
  credentials: GraphCredentials,
  { skew, budgets }: Shared,
  { timeoutMs = TIMEOUT_MS, share = 1, onState, logger }: GraphFactoryOptions,
  metrics: GraphMetrics,
): Graph {
  const { graphUrl, tenantId, clientId } = credentials;
  const token = createToken(credentials, timeoutMs);
  const acquireToken = token.acquire;
  const transport = createTransport({ graphUrl, acquireToken, skew, timeoutMs, onAnswer: metrics.onAnswer });
  let isQuarantined = false;
  const guard = createGuard({
    transport,
    budgets,
    prepare: () => acquireToken(),
    onThrottled: metrics.onThrottled,
    onState: (state) => {
      metrics.onState(tenantId, state);
      const was = isQuarantined;
      isQuarantined = state.state === 'quarantined';
      if (state.state === 'well') {
        if (was) logger.info({ tenantId, clientId }, 'tenant out of quarantine');
      } else logger.warn({ tenantId, clientId, err: state.failure, until: state.until }, 'tenant in quarantine');
      onState?.({ tenantId, clientId }, state);
    },
  });
  const onSize = (people: number): void => budgets.identity.resize(toIdentityLimit(people) * share);
  return createGraph({ token, guard, skew, onSize });
}

function createBudgets(
  credentials: GraphCredentials,
  { share = 1, subscriptionBurst: burst, reportTurn }: GraphFactoryOptions,
  { onWait }: GraphMetrics,
): Budgets {
  const identity = { units: toIdentityLimit(credentials.people ?? null) * share, windowMs: IDENTITY_WINDOW_MS };
  const subscriptions = { ...SUBSCRIPTIONS, units: SUBSCRIPTIONS.units * share, burst };
  return {
    identity: createBudget({ allowance: identity, onWait }),
    subscriptions: createBudget({ allowance: subscriptions, onWait }),
    reports: createReportBudget({ turn: reportTurn?.(credentials) ?? (() => Promise.resolve()) }),
  };
}

/** Which token it works with; as a hash, since secrets are part of it. */
function toKey({ loginUrl, delegated, ...credentials }: GraphCredentials): string {
  const proof = 'certificate' in credentials ? credentials.certificate.thumbprintSha256 : credentials.clientSecret;
  return createHash('sha256')
    .update(JSON.stringify([loginUrl, proof, delegated?.id ?? null]))
    .digest('hex');
}

const createToken = (credentials: GraphCredentials, timeoutMs: number): AccessToken =>
  credentials.delegated
    ? createDelegatedToken(credentials, credentials.delegated, { timeoutMs })
    : createAppToken(credentials, timeoutMs);
