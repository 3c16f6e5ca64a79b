import express, { type Express } from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import type { Secret } from '@muster/config';
import type { CloudName, CloudUrls } from '@muster/contracts';
import type { EventLog, Publisher } from '@muster/event-log';
import type { GraphFactory } from '@muster/graph-client';
import type { Now } from '@muster/runtime';
import type { Sealer, Store } from '@muster/store';
import type { Logger } from '@muster/telemetry';
import { toOpenApi } from './http/openapi.js';
import { notFound, problemHandler } from './http/problem.js';
import { createRouter, defineRoute, type Route } from './http/route.js';
import { createAuthenticator, requirePrincipal } from './keys/authenticate.js';
import { keyRoutes } from './keys/key-routes.js';
import { createRateLimits } from './keys/rate-limits.js';
import { toCookieSettings } from './keys/session-cookie.js';
import { userRoutes } from './people/user-routes.js';
import { planRoutes } from './plans/plan-routes.js';
import { checkRoutes } from './setup/check-routes.js';
import { integrationRoutes } from './setup/integration-routes.js';
import { createReadStatus, type ReadStatus } from './status/read-status.js';
import { statusRoutes } from './status/status-routes.js';
import { createAskReconciler } from './sync/ask-reconciler.js';
import { syncRoutes } from './sync/sync-routes.js';
import { createSessionRouter } from './web/session-routes.js';
import { createWebRouter } from './web/web-router.js';

export type AdminDependencies = {
  store: Store;
  publisher: Publisher;
  eventLog: Pick<EventLog, 'lag' | 'readNewest'>;
  graphOf: GraphFactory;
  sealer: Sealer;
  bootstrapKey: Secret<string> | undefined;
  defaultCloud: CloudName;
  customCloud: CloudUrls;
  publicUrl: string;
  trustedProxies: readonly string[];
  logger: Logger;
  now: Now;
};

/** The pages and the API; no listening here. */
export function createApp(dependencies: AdminDependencies): Express {
  const { store, bootstrapKey, publicUrl, trustedProxies, logger, now } = dependencies;
  const cookie = toCookieSettings(publicUrl);
  const authenticator = createAuthenticator({
    apiKeys: store.apiKeys,
    sessions: store.sessions,
    bootstrapKey,
    cookie,
    now,
  });
  const limits = createRateLimits();
  const readStatus = createReadStatus(dependencies);

  const app = express();
  app.disable('x-powered-by').disable('etag').set('trust proxy', trustedProxies);
  app.use(securityHeaders(publicUrl));
  app.use('/api', limits.all);
  app.use('/session', limits.all);
  app.use(
    '/api/v1',
    requirePrincipal(authenticator, limits.refused),
    express.json({ limit: '64kb' }),
    createRouter(createRoutes(dependencies, readStatus)),
  );
  app.use('/session', createSessionRouter({ authenticator, sessions: store.sessions, cookie, limits, now }));
  app.use(createWebRouter());
  app.use(() => {
    throw notFound('page or route');
  });
  app.use(problemHandler(logger));
  return app;
}

/** Every route of the API, the document about them included. */
export function createRoutes(dependencies: AdminDependencies, readStatus: ReadStatus): Route[] {
  const askReconciler = createAskReconciler(dependencies.publisher, dependencies.now);
  const routes: Route[] = [
    ...integrationRoutes({ ...dependencies, askReconciler }),
    ...checkRoutes(dependencies),
    ...syncRoutes({ ...dependencies, askReconciler }),
    ...planRoutes(dependencies),
    ...userRoutes(dependencies),
    ...statusRoutes({ ...dependencies, readStatus }),
    ...keyRoutes(dependencies),
    defineRoute({
      method: 'get',
      path: '/openapi.json',
      summary: 'This document',
      tag: 'about',
      answer: { status: 200, description: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.literal('3.1.0') }) },
      handle: () => Promise.resolve({ body: toOpenApi(routes, dependencies.publicUrl) }),
    }),
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
