import { createHash } from 'node:crypto';
import type { DirectoryChange } from '@muster/contracts';

export type RevisionChains = {
  /** In the order of the feed. */
  readonly add: (change: DirectoryChange) => void;
  /** What is wrong, in words: a gap, a disorder, two contents of one id, an observation older than the one before. */
  readonly broken: () => readonly string[];
  readonly size: () => number;
};

type Link = { revision: number; observedAt: string; digest: string };

/**
 * Whether each document's changes come without gap and in order. A repeat, recognised by its id, is allowed; what it
 * says must be the same.
 */
export function createRevisionChains(): RevisionChains {
  const chains = new Map<string, Link>();
  const broken: string[] = [];
  return {
    add: (change) => {
      const key = change.id.slice(0, change.id.lastIndexOf('/'));
      const { revision, document } = change.data;
      const { observedAt } = document;
      const last = chains.get(key) ?? { revision: 0, observedAt: '', digest: '' };
      const digest = createHash('sha256').update(JSON.stringify(change)).digest('base64');
      if (change.id !== `${key}/${revision}`) broken.push(`${change.id} tells revision ${revision}`);
      if (revision === last.revision && digest !== last.digest) broken.push(`${change.id} was told in two ways`);
      if (revision <= last.revision) return;
      if (revision > last.revision + 1) broken.push(`${key} goes from revision ${last.revision} to ${revision}`);
      if (observedAt < last.observedAt)
        broken.push(`${change.id} was observed at ${observedAt}, before ${last.observedAt}`);
      chains.set(key, { revision, observedAt, digest });
    },
    broken: () => broken,
    size: () => chains.size,
  };
}
