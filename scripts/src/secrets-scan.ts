// No secret lies in the repository: every file that git keeps, looked through for what has the form of one.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findSecrets } from './find-secrets.js';
import { createLayout } from './stack/layout.js';

/** Pictures and the like hold nothing that anybody typed. */
const MOST_BYTES = 2_000_000;

const { root } = createLayout();
const listed = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
if (listed.status !== 0) {
  console.log('NOT SCANNED: git does not list the files here');
  process.exit(0);
}
const files = listed.stdout.split('\0').filter((file) => file !== '' && isText(join(root, file)));
const found = files.flatMap((file) =>
  findSecrets(readFileSync(join(root, file), 'utf8')).map(({ line, what }) => `${file}:${line}: ${what}`),
);
for (const line of found) console.log(line);
console.log(`${files.length} files, ${found.length} secrets`);
process.exitCode = found.length === 0 ? 0 : 1;

function isText(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size <= MOST_BYTES && !/\.(png|ico|woff2?)$/.test(path);
}
