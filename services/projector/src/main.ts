import { runService } from '@muster/runtime';
import { configSchema } from './config.js';
import { createService } from './service.js';

await runService({ name: 'projector', schema: configSchema, env: process.env, create: createService });
