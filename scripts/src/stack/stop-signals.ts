import type { Stack } from './stack.js';

/**
 * Ctrl-C, SIGTERM and a closed terminal (SIGHUP) stop everything in order, then the process ends; a second
 * signal kills at once. `goodbye` runs when all is gone.
 */
export function stopOnSignals(stack: Stack, say: (line: string) => void, goodbye: () => void | Promise<void>): void {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  let asked = false;
  // A closed terminal must not turn the next line of output into a crash.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  for (const signal of Object.keys(codes) as (keyof typeof codes)[]) {
    process.on(signal, () => {
      if (asked) {
        stack.kill();
        process.exit(codes[signal]);
      }
      asked = true;
      say(`${signal}: stopping everything in order`);
      void stack
        .stop()
        .then(goodbye)
        .finally(() => process.exit(codes[signal]));
    });
  }
}
