import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Secret } from '@muster/config';
import type { CloudName, CloudUrls } from '@muster/contracts';
import type { EventLog, Publisher } from '@muster/event-log';
import type { GraphFactory } from '@muster/graph-client';
import type { Now } from '@muster/runtime';
import type { Sealer, Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import type { TenantGraphs } from '@muster/tenant-access';
import { openApiRoutes } from './http/openapi-routes.js';
import { notFound, problemHandler } from './http/problem.js';
import { createRouter, YAML_TYPES, type Route } from './http/route.js';
import { alertRoutes } from './alerts/alert-routes.js';
import { adminRoutes } from './admins/admin-routes.js';
import { createAudit, auditCalls, type Audit } from './audit/audit.js';
import { auditRoutes } from './audit/audit-routes.js';
import { createGate, type Gate } from './gate/create-gate.js';
import { gateRoutes } from './gate/gate-routes.js';
import { createKeyRing, requirePrincipal } from './keys/authenticate.js';
import type { Principal } from './keys/principal.js';
import { keyRoutes } from './keys/key-routes.js';
import { createRateLimits } from './keys/rate-limits.js';
import { toCookieSettings } from './keys/session-cookie.js';
import { personRoutes } from './people/person-routes.js';
import { userRoutes } from './people/user-routes.js';
import { historyRoutes } from './history/history-routes.js';
import { exportRoutes } from './people/export-routes.js';
import { planRoutes } from './plans/plan-routes.js';
import { createSessionRouter } from './sessions/session-router.js';
import { createSessions } from './sessions/sessions.js';
import { setupLinkRoutes } from './sessions/setup-link.js';
import type { SessionPeriods } from './sessions/domain/session-times.js';
import { integrationRoutes } from './setup/integration-routes.js';
import { finishConsent } from './setup/finish-consent.js';
import { setupRoutes } from './setup/setup-routes.js';
import { CALLBACK_PATH, createCallbackRouter } from './sign-in/callback-routes.js';
import { createFlows, type Flows } from './sign-in/flows.js';
import { createSignInRouter, finishSignIn } from './sign-in/sign-in-router.js';
import { createStillMay } from './stream/still-may.js';
import type { StreamHub } from './stream/stream-hub.js';
import { streamRoutes } from './stream/stream-routes.js';
import type { ReadStatus, ReadVerdict } from './status/read-status.js';
import { deadLetterRoutes } from './status/dead-letter-routes.js';
import { runRoutes } from './status/run-routes.js';
import { statusRoutes } from './status/status-routes.js';
import { subscriptionRoutes } from './status/subscription-routes.js';
import { createAskReconciler } from './sync/ask-reconciler.js';
import { syncRoutes } from './sync/sync-routes.js';
import { createRunbookRouter } from './web/runbook-router.js';
import { createWebRouter } from './web/web-router.js';

export type AdminDependencies = {
  store: Store;
  publisher: Publisher;
  eventLog: Pick<EventLog, 'lag' | 'oldestWaiting' | 'readNewest'>;
  /** With typed credentials, to prove them. */
  graphOf: GraphFactory;
  graphFor: TenantGraphs['graphFor'];
  sealer: Sealer;
  bootstrapKey: Secret<string> | undefined;
  breakGlassHash: Secret<string> | undefined;
  /** `{tenantId}/{object id or user principal name}`, or `{tenantId}/group:{object id}`. */
  operators: readonly string[];
  sessionPeriods: SessionPeriods;
  defaultCloud: CloudName;
  customCloud: CloudUrls;
  publicUrl: string;
  /** Where Graph reaches the receiver. */
  receiverUrl: string | undefined;
  readStatus: ReadStatus;
  /** The verdict that the status shows, for the gate too. */
  readVerdict: ReadVerdict;
  /** Hosts in a private network that the webhook and the mail server of alerts may name. */
  alertPrivateHosts: readonly string[];
  /** Where is said what to do about an alert. */
  toRunbook: (rule: string) => string;
  /** Pages that stay open; what they are told comes from the log. */
  streams: StreamHub;
  trustedProxies: readonly string[];
  logger: Logger;
  now: Now;
};

/** The pages and the API; no listening here. */
export function createApp(dependencies: AdminDependencies): Express {
  const { store, publicUrl, trustedProxies, logger, now } = dependencies;
  const cookie = toCookieSettings(publicUrl);
  const keys = createKeyRing({ ...dependencies, apiKeys: store.apiKeys, integrations: store.integrations });
  const gate = createGate(dependencies);
  const audit = createAudit(store.audit, now);
  const sessions = createSessions({
    ...dependencies,
    gate,
    byKeyHash: keys.byHash,
    cookie,
    periods: dependencies.sessionPeriods,
    onEnd: dependencies.streams.cutSession,
  });
  const stillMay = createStillMay({ bySession: sessions.look, byKey: keys.byHash });
  const limits = createRateLimits();
  const flows = createFlows({ ...dependencies, once: store.once });

  const signingIn = {
    ...dependencies,
    integrations: store.integrations,
    hasBreakGlass: dependencies.breakGlassHash !== undefined,
    ...{ flows, sessions, gate, audit, limits },
  };

  const app = express();
  app.disable('x-powered-by').disable('etag').set('trust proxy', trustedProxies);
  app.use(securityHeaders(publicUrl));
  // Everything that a stranger can make the database work for.
  app.use(['/api', '/session', '/sign-in', '/setup-link', CALLBACK_PATH], limits.all);
  app.use(
    '/api/v1',
    requirePrincipal({ keys, bySession: sessions.find, refused: limits.refused, publicUrl }),
    limits.each,
    auditCalls(audit, logger),
    express.json({ limit: '64kb' }),
    express.text({ type: YAML_TYPES, limit: '64kb' }),
    createRouter(createRoutes(dependencies, { audit, gate, stillMay, flows })),
  );
  app.use(
    createSessionRouter({ ...dependencies, sessions, keys, once: store.once, limits, audit }),
    createSignInRouter(signingIn),
    createCallbackRouter({
      flows,
      handlers: { 'sign-in': finishSignIn(signingIn), consent: finishConsent({ ...dependencies, audit }) },
    }),
    createRunbookRouter(),
    createWebRouter(),
  );
  app.use(() => {
    throw notFound('page or route');
  });
  app.use(problemHandler(logger));
  return app;
}

export type RouteTools = {
  gate: Gate;
  audit: Audit;
  flows: Flows;
  /** Whether who opened a stream could open it now. */
  stillMay: (principal: Principal) => Promise<boolean>;
};

/** Every route of the API, the document about them included. */
export function createRoutes(dependencies: AdminDependencies, tools: RouteTools): Route[] {
  const { gate, audit, stillMay, flows } = tools;
  const askReconciler = createAskReconciler(dependencies.publisher, dependencies.now);
  const routes: Route[] = [
    ...integrationRoutes({ ...dependencies, askReconciler }),
    ...setupRoutes({ ...dependencies, askReconciler, flows }),
    ...syncRoutes({ ...dependencies, askReconciler }),
    ...planRoutes(dependencies),
    // Before the people by id: `export` is none.
    ...exportRoutes(dependencies),
    ...userRoutes(dependencies),
    ...historyRoutes(dependencies),
    ...personRoutes(dependencies),
    ...statusRoutes(dependencies),
    ...alertRoutes({ ...dependencies, privateHosts: dependencies.alertPrivateHosts }),
    ...deadLetterRoutes(dependencies),
    ...runRoutes(dependencies),
    ...subscriptionRoutes(dependencies),
    ...keyRoutes(dependencies),
    ...adminRoutes(dependencies),
    ...gateRoutes({ ...dependencies, gate }),
    ...setupLinkRoutes(dependencies),
    ...auditRoutes({ ...dependencies, audit }),
    ...streamRoutes({ ...dependencies, stillMay }),
    ...openApiRoutes(() => routes, dependencies.publicUrl),
  ];
  return routes;
}

const securityHeaders = (publicUrl: string) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: publicUrl.startsWith('https:') && { maxAge: 31_536_000 },
    referrerPolicy: { policy: 'same-origin' },
  });
