// Known weaknesses of the dependencies, by the registry's own list. A registry that keeps none, or that cannot be
// reached, is a step that was skipped: nothing about the code is wrong then, and nothing is proved.
import { spawnSync } from 'node:child_process';
import { judgeAudit } from './judge-audit.js';
import { toExitCode } from './outcome.js';

const { stdout, stderr, error } = spawnSync('pnpm', ['audit', '--json'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  timeout: 60_000,
});
const { outcome, lines } = judgeAudit(stdout, error?.message ?? stderr);
for (const line of lines) console.log(line);
process.exitCode = toExitCode(outcome);
