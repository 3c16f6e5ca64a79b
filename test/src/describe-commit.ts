import { spawnSync } from 'node:child_process';

/** The commit of the checkout, with a + where tracked files differ from it; null where there is none to tell. */
export function describeCommit(): string | null {
  const git = spawnSync('git', ['describe', '--always', '--abbrev=12', '--exclude=*', '--dirty=+'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return git.status === 0 ? git.stdout.trim() : null;
}
