import express, { type Express } from 'express';
import type { Metrics } from '@muster/telemetry';
import type { Readiness } from './health.js';

export type OpsOptions = {
  name: string;
  version: string;
  metrics: Metrics;
  readiness: () => Promise<Readiness>;
  app?: Express | undefined;
};

/** /healthz says that the process lives and asks nobody; /readyz says why not; then the service's own app. */
export function createOpsApp({ name, version, metrics, readiness, app }: OpsOptions): Express {
  const ops = express();
  ops.disable('x-powered-by');
  ops.get('/healthz', (_request, response) => {
    response.json({ status: 'alive', service: name, version });
  });
  ops.get('/readyz', async (_request, response) => {
    const answer = await readiness();
    response
      .status(answer.ready ? 200 : 503)
      .json({ status: answer.ready ? 'ready' : 'not ready', reasons: answer.reasons });
  });
  ops.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.text());
  });
  if (app) ops.use(app);
  return ops;
}
