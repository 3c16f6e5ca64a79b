// No secret lies in the repository: every file that git keeps, looked through for what has the form of one. `--history`:
// every line that any commit ever added, too.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findSecrets } from './find-secrets.js';
import { toExitCode } from './outcome.js';
import { createLayout } from './stack/layout.js';

/** Pictures and the like hold nothing that anybody typed. */
const MOST_BYTES = 2_000_000;
const MOST_HISTORY_BYTES = 1_000_000_000;

const { root } = createLayout();
const git = (...args: string[]) =>
  spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: MOST_HISTORY_BYTES });

const listed = git('ls-files', '-z');
if (listed.status !== 0) {
  console.log('NOT SCANNED: git does not list the files here');
  process.exit(toExitCode('skipped'));
}
const files = listed.stdout.split('\0').filter((file) => file !== '' && isText(join(root, file)));
const found = files.flatMap((file) =>
  findSecrets(readFileSync(join(root, file), 'utf8')).map(({ line, what }) => `${file}:${line}: ${what}`),
);
for (const line of found) console.log(line);
console.log(`${files.length} files, ${found.length} secrets`);
const once = process.argv.includes('--history') ? scanHistory() : 0;
process.exitCode = toExitCode(found.length + once === 0 ? 'passed' : 'failed');

function isText(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size <= MOST_BYTES && !/\.(png|ico|woff2?)$/.test(path);
}

/** Commit by commit, as the lines that it added: a key of several lines is whole then. Answers how many it found. */
function scanHistory(): number {
  const log = git('log', '-p', '--all', '--no-color', '--unified=0', '--format=%x00%h');
  if (log.status !== 0) throw new Error('git does not tell its history here');
  const commits = log.stdout.split('\0').slice(1);
  const told = commits.flatMap((commit) => {
    const [hash = '', ...lines] = commit.split('\n');
    const added = lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
    return findSecrets(added.join('\n')).map(({ line, what }) => `${hash}: ${what}: added line ${line}`);
  });
  for (const line of told) console.log(line);
  console.log(`${commits.length} commits, ${told.length} secrets`);
  return told.length;
}
