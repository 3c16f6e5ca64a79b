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
import { describeCommit } from '../src/describe-commit.js';
import { findStranger, isChosen, readOptions } from './options.js';
import { describeProfiles } from './profile-shares.js';
import { describeDatabase, printTable, writeReport, type Result } from './report.js';
import { runRow, stopLeft } from './run-row.js';
import { ROWS } from './rows/all-rows.js';
import { CORES, pinServers, type Servers, type Stoppable } from './servers.js';
import { loadBenchCertificates, runTrusting } from './trust.js';

const options = readOptions(process.argv.slice(2));
const chosen = Object.entries(ROWS).flatMap(([part, all]) => all.filter((row) => isChosen(row, part, options)));

const stranger = findStranger(options.rows, Object.values(ROWS).flat());
if (stranger !== undefined) throw new Error(`there is no row ${stranger}`);

const tls = await loadBenchCertificates();
await runTrusting(tls);
const begunAt = new Date();
const commit = describeCommit();
const { say, step } = createProgress((line) => console.error(line));
await clearDeadTestRuns();
const layout = createTestLayout();
const stack = createStack(layout, say);
const clean = (): void => rmSync(layout.home, { recursive: true, force: true });
const started = new Set<Stoppable>();
stopOnSignals(stack, say, () => stopLeft(started).then(clean));

async function startServers(): Promise<Servers> {
  const { infrastructure } = await startTestServers(stack, { say, step });
  pinServers(stack, CORES?.rest);
  const database = await describeDatabase(infrastructure.mongodbUri);
  return { ...infrastructure, stack, layout, tls, database, started };
}

// What a row that was given up had under way still ends, badly; the others go on.
process.on('unhandledRejection', (error) =>
  say(`left behind: ${error instanceof Error ? error.message : String(error)}`),
);

const results: Result[] = [];
/** Said last of all, where whoever reads only the end of a long output finds it. */
const failures: string[] = [];
let database = 'no database';

async function run(): Promise<void> {
  const servers = await startServers();
  database = servers.database;
  const last = performance.now() + options.minutes * 60_000;
  for (const row of chosen) {
    const { result, failed } = await runRow(row, { options, servers, say, step, last });
    results.push(result);
    if (failed) failures.push(`${result.id} ${result.measured}`);
    writeReport(layout.downloads, begunAt, { commit, options, database, results });
  }
}

try {
  await Promise.race([run(), stack.broken.then((error) => Promise.reject(error))]);
} catch (error) {
  if (stack.isStopping()) await new Promise(() => undefined);
  failures.push(describeFailure(error));
} finally {
  if (results.length > 0) {
    const { json, markdown } = writeReport(layout.downloads, begunAt, { commit, options, database, results });
    console.log(`${printTable(results, database)}\n\n${json}\n${markdown}`);
    if (options.profile) console.log(['', ...describeProfiles(options.profile)].join('\n'));
  }
  await stack.stop();
  clean();
}
for (const failure of failures) console.error(failure);
process.exit(failures.length > 0 ? 1 : 0);
