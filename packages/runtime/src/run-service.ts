import { setTimeout as delay } from 'node:timers/promises';
import type { RequestListener } from 'node:http';
import type { z } from 'zod';
import { ConfigError, loadConfig, maskedConfig } from '@muster/config';
import { createLogger, createMetrics, type Logger, type Metrics } from '@muster/telemetry';
import { readReadiness, type Check, type Phase, type StatedPart } from './health.js';
import { httpPart } from './http-part.js';
import { createLifecycle } from './lifecycle.js';
import { systemNow, type Now } from './now.js';
import { createOpsListener } from './ops-app.js';
import type { Part } from './part.js';
import { retry } from './retry.js';

export type ServiceContext<C> = {
  config: C;
  logger: Logger;
  metrics: Metrics;
  now: Now;
  /** Something that cannot go on: logged, stopped, exit 1, so that a supervisor starts anew. */
  fail: (error: unknown) => void;
};
export type ServiceDefinition = { app?: RequestListener; parts: Part[]; checks?: Check[] };

type CommonConfig = {
  PORT: number;
  LOG_LEVEL: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  TLS_CERT_FILE?: string | undefined;
  TLS_KEY_FILE?: string | undefined;
  READY_OFF_FOR: number;
  MOST_CONNECTIONS: number;
};
export type ServiceOptions<S extends z.ZodObject> = {
  name: string;
  schema: S;
  env: Record<string, string | undefined>;
  /** Called again after a Failure that may pass, such as that no database answers: it has left nothing behind then. */
  create: (context: ServiceContext<z.infer<S>>) => ServiceDefinition | Promise<ServiceDefinition>;
};

export const VERSION = '0.1.0';
/** Everything must have stopped by then; the platform's grace period is longer. */
const STOP_LIMIT_MS = 9_500;
/** Until what a service cannot be made without is there. */
const PATIENT = { attempts: Infinity, baseMs: 500, capMs: 2_000 };

/**
 * The whole life of a service: config, HTTP, parts in order, then a signal: ready off, stop taking, parts in reverse
 * (each drains, commits, disconnects), exit 0. An unknown error ends the process with 1: a supervisor starts it anew.
 * What serves requests goes on for READY_OFF_FOR, until its proxies know; what does not answers health to the end.
 */
export async function runService<S extends z.ZodObject>(options: ServiceOptions<S>): Promise<void> {
  const { name, schema, env, create } = options;
  const config = readConfig(schema, env);
  const common = config as CommonConfig;
  const logger = createLogger({ service: name, level: common.LOG_LEVEL });
  const metrics = createMetrics({ service: name });
  metrics.gauge('muster_build_info', 'Version of the running build.', ['version']).set({ version: VERSION }, 1);
  const life = superviseProcess(logger);

  try {
    logger.info({ config: maskedConfig(config), version: VERSION }, 'service starts');
    const made: { service?: ServiceDefinition } = {};
    let missing = 'what it needs is asked for';
    const needs: StatedPart = { name: 'needs', state: () => ({ status: 'starting', detail: missing }) };
    const readiness = () => readReadiness(life.phase(), made.service?.parts ?? [needs], made.service?.checks ?? []);
    const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, PORT: port } = common;
    const tls = certFile && keyFile ? { certFile, keyFile } : undefined;
    const app = () => made.service && (made.service.app ?? null);
    const listener = createOpsListener({ name, version: VERSION, metrics, readiness, app });
    const http = httpPart({ name: 'http', listener, port, tls, mostConnections: common.MOST_CONNECTIONS });
    // Health can be asked from here on; when http is stopped, `end` below decides.
    await life.start(http, () => (made.service?.app ? common.READY_OFF_FOR : undefined));
    made.service = await retry(async () => create({ config, logger, metrics, now: systemNow, fail: life.fail }), {
      ...PATIENT,
      signal: life.stopping,
      onRetry: (error) => {
        missing = error.message;
        logger.warn({ err: error }, 'service waits for what it needs');
      },
    });
    await life.startParts(made.service.parts);
    if (life.phase() === 'running') logger.info({ port: http.port() }, 'service ready');
  } catch (error) {
    if (life.phase() !== 'stopping') life.fail(error);
    else logger.debug({ err: error }, 'service was not yet up when it was stopped');
  }
}

/** `servesFor`: how long requests are still taken after a signal, ms; undefined = it serves nothing but health. */
type Begun = { http: Part; servesFor: () => number | undefined };

/** Signals, unknown errors and the exit code, in one place. */
function superviseProcess(logger: Logger) {
  let phase: Phase = 'starting';
  let begun: Begun | undefined;
  const stopping = new AbortController();
  const lifecycle = createLifecycle(logger);
  /** What serves refuses requests first, and its parts outlive them; what does not answers health to the end. */
  const stopAll = async (code: number): Promise<unknown[]> => {
    if (!begun) return [];
    const { http } = begun;
    const servesFor = begun.servesFor();
    const refuse = async (): Promise<unknown[]> => {
      const error: unknown = await http.stop().catch((reason: unknown) => reason);
      return error === undefined ? [] : [error];
    };
    if (servesFor === undefined) return [...(await lifecycle.stop()), ...(await refuse())];
    if (code === 0) await delay(servesFor);
    return [...(await refuse()), ...(await lifecycle.stop())];
  };
  const end = (code: number): void => {
    if (phase === 'stopping') return;
    phase = 'stopping';
    stopping.abort();
    setTimeout(() => {
      logger.error({ limitMs: STOP_LIMIT_MS }, 'service did not stop in time');
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
    void stopAll(code).then((failures) => {
      logger.info({ code, failures: failures.length }, 'service stopped');
      process.exit(failures.length > 0 ? 1 : code);
    });
  };
  const fail = (error: unknown): void => {
    logger.fatal({ err: error }, 'service cannot go on');
    end(1);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(0));
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  return {
    fail,
    phase: () => phase,
    stopping: stopping.signal,
    start: async (http: Part, servesFor: Begun['servesFor']): Promise<void> => {
      begun = { http, servesFor };
      await http.start();
    },
    startParts: async (parts: readonly Part[]): Promise<void> => {
      await lifecycle.start(parts);
      if (phase === 'starting') phase = 'running';
    },
  };
}

function readConfig<S extends z.ZodObject>(schema: S, env: Record<string, string | undefined>): z.infer<S> {
  try {
    return loadConfig(schema, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
