// Starts the servers that a suite needs, runs mocha with their addresses, stops them again:
//   run-suite.ts int|e2e|faults [mocha arguments or files…]
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createProgress, describeFailure } from './stack/progress.js';
import { createStack } from './stack/stack.js';
import { stopOnSignals } from './stack/stop-signals.js';
import { bundleArguments, webBuildArguments } from './stack/system.js';
import { clearDeadTestRuns, createTestLayout, startTestServers } from './stack/test-servers.js';

const [suite = 'int', ...mochaArguments] = process.argv.slice(2);
const progress = createProgress((line) => console.error(line));
await clearDeadTestRuns();
const layout = createTestLayout();
const stack = createStack(layout, progress.say);
const clean = async (): Promise<void> => {
  rmSync(layout.home, { recursive: true, force: true });
  await clearDeadTestRuns();
};
stopOnSignals(stack, progress.say, clean);

async function runSuite(): Promise<number> {
  const { environment } = await startTestServers(stack, progress);
  // What the whole system is tested with; it takes some seconds.
  const [command, env] = [process.execPath, process.env];
  await Promise.all([
    stack.run({ name: 'build-bundles', command, args: bundleArguments(layout), env }),
    stack.run({ name: 'build-web', command, args: webBuildArguments(layout), env }),
  ]);
  const mocha = await stack.start({
    name: 'mocha',
    command: process.execPath,
    args: [join(layout.root, 'node_modules', 'mocha', 'bin', 'mocha.js'), ...mochaArguments],
    env: { ...process.env, ...environment, SUITE: suite },
    inherit: true,
  });
  const end = await Promise.race([mocha.exited, stack.broken]);
  if (end instanceof Error) throw end;
  return end.code ?? 1;
}

try {
  process.exitCode = await runSuite();
} catch (error) {
  if (stack.isStopping()) await new Promise(() => undefined);
  console.error(describeFailure(error));
  process.exitCode = 1;
} finally {
  await stack.stop();
  await clean();
}
