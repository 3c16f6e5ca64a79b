import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { Logger, Metrics } from '@muster/telemetry';
import { answerText } from './answer.js';
import { answerHandshake, readValidationToken } from './handshake.js';
import { createIntake, type Delivery } from './intake.js';
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
/** A body is some 700 items as Graph writes them; the most that the simulator posts is 100. */
export const BODY_LIMITS = { body: MIB, together: 256 * MIB };

/**
 * The addresses that Graph posts to; no listening here. Without express, which changes the prototypes of each request and
 * answer: a tenth of what a small one costs (decision 0022).
 */
export function createReceiverApp(dependencies: ReceiverDependencies): RequestListener {
  const { logger } = dependencies;
  const metrics = createReceiverMetrics(dependencies.metrics);
  const observe = createObserver(metrics, logger);
  const readBody = createReadBody(BODY_LIMITS);
  const intake = createIntake({ ...dependencies, metrics });
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const fail = (error: unknown): void => answerError({ request, response, logger }, error);
    const url = request.url ?? '';
    setDefensiveHeaders(response);
    if (!isTaken(url)) {
      answerText(response, 404, 'there is nothing here');
      return;
    }
    const validationToken = readValidationToken(url);
    const delivery = observe(request, response, validationToken === undefined ? 'delivery' : 'handshake');
    if (request.method !== 'POST') answerText(response.setHeader('Allow', 'POST'), 405, 'only POST is answered here');
    else if (validationToken !== undefined) answerHandshake(validationToken, response);
    else if (!isJson(request.headers['content-type'])) answerText(response, 415, 'send application/json');
    else
      readBody(request, (error, body) => {
        if (body) intake(body, response, delivery).catch(fail);
        else fail(error);
      });
  };
  return (request, response) => {
    try {
      answer(request, response);
    } catch (error) {
      answerError({ request, response, logger }, error);
    }
  };
}

function setDefensiveHeaders(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "default-src 'none'");
}

/** As tolerant as an express route: of case, and of a slash at the end. */
function isTaken(url: string): boolean {
  const path = toPath(url);
  return PATHS.has(path) || PATHS.has(path.toLowerCase().replace(/\/$/, ''));
}

const toPath = (url: string): string => url.split('?', 1)[0] ?? '';
const isJson = (contentType = ''): boolean => /^application\/json\s*(;|$)/i.test(contentType);

/** One wide line a request: ids and counts only. */
const createObserver =
  (metrics: ReceiverMetrics, logger: Logger) =>
  (request: IncomingMessage, response: ServerResponse, kind: 'handshake' | 'delivery'): Delivery => {
    const delivery: Delivery = { arrivedAt: performance.now() };
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : 499;
      const ms = Math.round(performance.now() - delivery.arrivedAt);
      metrics.requests.inc({ kind, status });
      metrics.requestSeconds.observe({ kind }, ms / 1_000);
      if (logger.isLevelEnabled('debug'))
        logger.debug(
          { path: toPath(request.url ?? ''), kind, status, ms, ...delivery.toFacts?.() },
          'request answered',
        );
    });
    return delivery;
  };

type Failed = { request: IncomingMessage; response: ServerResponse; logger: Logger };

/** What the body reader refuses (413, 400, 415) is the sender's, 503 the load's; anything else is ours. */
function answerError({ request, response, logger }: Failed, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = toStatus(error);
  if (status === 500) logger.error({ err: error, path: toPath(request.url ?? '') }, 'request failed');
  if (status === 503) response.setHeader('Retry-After', '1');
  answerText(response, status, status >= 500 ? 'this failed; try again' : 'the body cannot be read');
}

const toStatus = (error: unknown): number => {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && (status === 503 || (status >= 400 && status < 500)) ? status : 500;
};
