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
import { createReadBody } from './read-body.js';
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
const PATHS: ReadonlySet<string> = new Set(['/graph/notifications', '/graph/lifecycle']);
const MIB = 1024 * 1024;
const BODY_LIMITS = { body: 4 * MIB, together: 256 * MIB };

/** The addresses that Graph posts to; no listening here. */
export function createReceiverApp(dependencies: ReceiverDependencies): Express {
  const { logger } = dependencies;
  const metrics = createReceiverMetrics(dependencies.metrics);
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(createTaking({ ...dependencies, metrics }));
  app.use(answerError(logger));
  return app;
}

const refuse = (response: Response, status: number, message: string): Response =>
  response.status(status).type('text/plain').send(message);

function setDefensiveHeaders(response: Response): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "default-src 'none'");
}

/** As tolerant as an express route: of case, and of a slash at the end. */
function isTaken(url: string): boolean {
  const path = url.split('?', 1)[0] ?? '';
  return PATHS.has(path) || PATHS.has(path.toLowerCase().replace(/\/$/, ''));
}

/** All steps of an answer in one handler: each one that express has to look up costs a small request as much as its work. */
function createTaking(
  dependencies: Omit<ReceiverDependencies, 'metrics'> & { metrics: ReceiverMetrics },
): RequestHandler {
  const observe = createObserver(dependencies.metrics, dependencies.logger);
  const readBody = createReadBody(BODY_LIMITS);
  const intake = createIntake(dependencies);
  return (request, response, next) => {
    setDefensiveHeaders(response);
    if (!isTaken(request.url)) {
      refuse(response, 404, 'there is nothing here');
      return;
    }
    observe(request, response);
    if (request.method !== 'POST') refuse(response.set('Allow', 'POST'), 405, 'only POST is answered here');
    else if (isHandshake(request)) answerHandshake(request, response);
    else if (!isJson(request.headers['content-type'])) refuse(response, 415, 'send application/json');
    else
      readBody(request, response, (error?: unknown) => {
        if (error === undefined) intake(request, response).catch(next);
        else next(error);
      });
  };
}

const isJson = (contentType = ''): boolean => /^application\/json\s*(;|$)/i.test(contentType);

/** One wide line a request: ids and counts only. */
const createObserver =
  (metrics: ReceiverMetrics, logger: Logger) =>
  (request: Request, response: Response): void => {
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
  };

const toFacts = ({ locals }: Response): object =>
  typeof locals.toFacts === 'function' ? (locals.toFacts as () => object)() : {};

/** What the body reader refuses (413, 400, 415) is the sender's, 503 the load's; anything else is ours. */
const answerError =
  (logger: Logger): ErrorRequestHandler =>
  (error: unknown, request: Request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = toStatus(error);
    if (status === 500) logger.error({ err: error, path: request.path }, 'request failed');
    if (status === 503) response.set('Retry-After', '1');
    refuse(response, status, status >= 500 ? 'this failed; try again' : 'the body cannot be read');
  };

const toStatus = (error: unknown): number => {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && (status === 503 || (status >= 400 && status < 500)) ? status : 500;
};
