import { runService } from '@muster/runtime';
import { configSchema } from './config.js';
import { createService } from './service.js';

await runService({ name: 'subscription', schema: configSchema, env: process.env, create: createService });
