import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { Logger, Metrics } from '@muster/telemetry';
import { answerHandshake, isHandshake } from './handshake.js';
import { createIntake } from './intake.js';
import { createReceiverMetrics, type ReceiverMetrics } from './receiver-metrics.js';

export type ReceiverDependencies = {
  publisher: Pick<Publisher, 'publish'>;
  /** Newest first. */
  keys: readonly Buffer[];
  now: Now;
  logger: Logger;
  metrics: Metrics;
};

/** Both addresses take both kinds of items: what Graph sends where is Graph's choice. */
const PATHS = ['/graph/notifications', '/graph/lifecycle'];
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The addresses that Graph posts to; no listening here. */
export function createReceiverApp(dependencies: ReceiverDependencies): Express {
  const { logger } = dependencies;
  const metrics = createReceiverMetrics(dependencies.metrics);
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(defensiveHeaders);
  app.all(
    PATHS,
    observeRequest(metrics, logger),
    postOnly,
    handshake,
    jsonOnly,
    express.raw({ type: () => true, limit: MAX_BODY_BYTES }),
    createIntake({ ...dependencies, metrics }),
  );
  app.use((_request, response) => void refuse(response, 404, 'there is nothing here'));
  app.use(answerError(logger));
  return app;
}

const refuse = (response: Response, status: number, message: string): Response =>
  response.status(status).type('text/plain').send(message);

const defensiveHeaders: RequestHandler = (_request, response, next) => {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "default-src 'none'");
  next();
};

const postOnly: RequestHandler = (request, response, next) => {
  if (request.method === 'POST') next();
  else refuse(response.set('Allow', 'POST'), 405, 'only POST is answered here');
};

const handshake: RequestHandler = (request, response, next) => {
  if (isHandshake(request)) answerHandshake(request, response);
  else next();
};

const jsonOnly: RequestHandler = (request, response, next) => {
  if (/^application\/json\s*(;|$)/i.test(request.get('content-type') ?? '')) next();
  else refuse(response, 415, 'send application/json');
};

/** One wide line a request: ids and counts only. */
const observeRequest =
  (metrics: ReceiverMetrics, logger: Logger): RequestHandler =>
  (request, response, next) => {
    const begun = performance.now();
    response.locals.arrivedAt = begun;
    response.once('close', () => {
      const kind = isHandshake(request) ? 'handshake' : 'delivery';
      const status = response.writableFinished ? response.statusCode : 499;
      const ms = Math.round(performance.now() - begun);
      metrics.requests.inc({ kind, status });
      metrics.requestSeconds.observe({ kind }, ms / 1_000);
      if (logger.isLevelEnabled('debug'))
        logger.debug({ path: request.path, kind, status, ms, ...toFacts(response) }, 'request answered');
    });
    next();
  };

const toFacts = ({ locals }: Response): object =>
  typeof locals.toFacts === 'function' ? (locals.toFacts as () => object)() : {};

/** What the body reader refuses (413, 400, 415) is the sender's; anything else is ours. */
const answerError =
  (logger: Logger): ErrorRequestHandler =>
  (error: unknown, request: Request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = toStatus(error);
    if (status >= 500) logger.error({ err: error, path: request.path }, 'request failed');
    refuse(response, status, status >= 500 ? 'this failed; try again' : 'the body cannot be read');
  };

const toStatus = (error: unknown): number => {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
};
