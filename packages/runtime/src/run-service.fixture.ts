import { z } from 'zod';
import { commonFields } from '@muster/config';
import { runService } from './run-service.js';

/** The smallest service, run as a process of its own by run-service.test.ts. */
const env = process.env;
const mode = env.MODE ?? 'fine';
const schema = z.object({ ...commonFields(0), ...(mode === 'bad-config' ? { ABSENT: z.string() } : {}) });

await runService({
  name: 'fixture',
  schema,
  env,
  create: ({ logger }) => ({
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
        stop: () => {
          logger.info('fixture stopped');
          return Promise.resolve();
        },
        state: () => (mode === 'deaf' ? { status: 'starting', detail: 'waits' } : { status: 'running' }),
      },
    ],
  }),
});
