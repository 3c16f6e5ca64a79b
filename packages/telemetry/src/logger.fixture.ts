import { setImmediate as turn } from 'node:timers/promises';
import { createLogger } from './logger.js';

/** Logs 60 MB to a standard output that nobody reads; then says on standard error how much memory that took. */
const logger = createLogger({ service: 'fixture', level: 'info' });
const before = process.memoryUsage.rss();
for (let line = 0; line < 60_000; line += 1) {
  logger.info({ pad: 'x'.repeat(1_000) }, 'line');
  if (line % 100 === 0) await turn();
}
process.stderr.write(JSON.stringify({ grownMb: (process.memoryUsage.rss() - before) / 1_048_576 }));
process.kill(process.pid, 'SIGKILL');
