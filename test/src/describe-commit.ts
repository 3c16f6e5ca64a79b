import { spawnSync } from 'node:child_process';

/** The commit of the checkout, with a + where tracked files differ from it, in a word. */
export function describeCommit(): string {
  const git = spawnSync('git', ['describe', '--always', '--abbrev=12', '--exclude=*', '--dirty=+'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return git.status === 0 ? git.stdout.trim() : 'unknown';
}
