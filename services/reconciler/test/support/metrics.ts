import { createMetrics } from '@muster/telemetry';

/** One for all worlds: each registry watches the process, and goes on to. */
export const metrics = createMetrics({ service: 'reconciler-test' });
