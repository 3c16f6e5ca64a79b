import express from 'express';
import { z } from 'zod';
import { commonFields } from '@muster/config';
import { Failure } from '@muster/contracts';
import type { Logger } from '@muster/telemetry';
import { runService, type ServiceDefinition } from './run-service.js';

/** The smallest service, run as a process of its own by run-service.test.ts. */
const env = process.env;
const mode = env.MODE ?? 'fine';
const schema = z.object({ ...commonFields(0), ...(mode === 'bad-config' ? { ABSENT: z.string() } : {}) });

/** Settles when readiness is asked while the service drains. */
let seenStopping: () => void = () => undefined;
const askedWhileStopping = new Promise<void>((resolve) => (seenStopping = resolve));
let stopping = false;
/** How often it was asked for; a database that is away is there from the third time on. */
let asked = 0;

function create({ logger }: { logger: Logger }): ServiceDefinition {
  asked += 1;
  if (mode === 'waits-for-ever' || (mode === 'waits' && asked < 3))
    throw new Failure('store.unavailable', 'MongoDB does not answer', { retryable: true });
  return {
    ...(mode === 'serves' ? { app: express().get('/work', (_request, response) => void response.json('done')) } : {}),
    checks: [
      {
        name: 'asked',
        check: () => {
          if (stopping) seenStopping();
          return Promise.resolve(null);
        },
      },
    ],
    parts: [
      {
        name: 'fixture',
        start: () => {
          if (mode === 'throws-later')
            setTimeout(() => {
              throw new Error('unknown error');
            }, 20);
          return mode === 'fails-to-start' ? Promise.reject(new Error('no start')) : Promise.resolve();
        },
        stop: async () => {
          stopping = true;
          logger.info('fixture drains');
          if (mode === 'drains') await askedWhileStopping;
          logger.info('fixture stopped');
        },
        state: () => (mode === 'deaf' ? { status: 'starting', detail: 'waits' } : { status: 'running' }),
      },
    ],
  };
}

await runService({ name: 'fixture', schema, env, create });
