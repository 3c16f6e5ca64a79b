// Muster beside bare programs that do the same: `pnpm bench [part or row…]`. See docs/measurements.md.
import { rmSync } from 'node:fs';
import {
  clearDeadTestRuns,
  createProgress,
  createStack,
  createTestLayout,
  describeFailure,
  startTestServers,
  stopOnSignals,
} from '@muster/scripts';
import { readOptions } from './options.js';
import { describeDatabase, printTable, writeReport, type Result } from './report.js';
import { NotHere, type Context, type Row } from './row.js';
import { rowsOfProjector } from './rows/projector.js';
import { rowsOfReconciler } from './rows/reconciler.js';
import { rowsOfReceiver } from './rows/receiver.js';
import { CORES, pin, type Servers } from './servers.js';

const options = readOptions(process.argv.slice(2));
const rows: Record<string, readonly Row[]> = {
  receiver: rowsOfReceiver,
  projector: rowsOfProjector,
  reconciler: rowsOfReconciler,
};
const chosen = Object.entries(rows).flatMap(([part, all]) =>
  all.filter(({ id }) => options.rows.includes(id) || options.parts.some((name) => name === part)),
);

const { say, step } = createProgress((line) => console.error(line));
await clearDeadTestRuns();
const layout = createTestLayout();
const stack = createStack(layout, say);
const clean = (): void => rmSync(layout.home, { recursive: true, force: true });
stopOnSignals(stack, say, clean);

async function startServers(): Promise<Servers> {
  const { infrastructure, tls } = await startTestServers(stack, { say, step });
  pin(process.pid, CORES?.rest);
  for (const name of ['kafka', 'mongo']) pin(stack.pidOf(name), CORES?.rest);
  const database = await describeDatabase(infrastructure.mongodbUri);
  return { ...infrastructure, stack, layout, tls, database, brokerPid: stack.pidOf('kafka') ?? null };
}

async function runRow(row: Row, context: Context): Promise<Result> {
  const { id, what, goal } = row;
  try {
    const result = await step(
      id,
      () => row.run(context),
      ({ measured }) => `${id} ${measured}`,
    );
    return { id, what, goal, ...result, met: context.options.tiny ? null : result.met };
  } catch (error) {
    if (!(error instanceof NotHere)) throw error;
    say(`${id} is not measured: ${error.message}`);
    return { id, what, goal, measured: `not measured here: ${error.message}`, met: null, samples: {} };
  }
}

async function run(): Promise<void> {
  const servers = await startServers();
  const results: Result[] = [];
  for (const row of chosen) results.push(await runRow(row, { options, servers, say }));
  const file = writeReport(layout.downloads, { options, database: servers.database, results });
  console.log(printTable(results, servers.database));
  console.log(`\n${file}`);
}

try {
  await Promise.race([run(), stack.broken.then((error) => Promise.reject(error))]);
} catch (error) {
  if (stack.isStopping()) await new Promise(() => undefined);
  console.error(describeFailure(error));
  process.exitCode = 1;
} finally {
  await stack.stop();
  clean();
}
process.exit();
