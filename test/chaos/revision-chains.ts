import { createHash } from 'node:crypto';
import type { DirectoryChange } from '@muster/contracts';

export type RevisionChains = {
  /** In the order of the feed. */
  readonly add: (change: DirectoryChange) => void;
  /** What is wrong, in words: a gap, a disorder, two contents of one id, an observation older than the one before. */
  readonly broken: () => readonly string[];
  /** The last revision that was told of each document, by `users|mfa/{tenantId}/{userId}`. */
  readonly ends: () => ReadonlyMap<string, number>;
};

/** `digests` by revision: a repeat of an old one is compared too. */
type Link = { revision: number; observedAt: string; digests: Map<number, string> };

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
      const last = chains.get(key) ?? { revision: 0, observedAt: '', digests: new Map<number, string>() };
      const digest = createHash('sha256').update(JSON.stringify(change)).digest('base64');
      if (change.id !== `${key}/${revision}`) broken.push(`${change.id} tells revision ${revision}`);
      const before = last.digests.get(revision);
      if (before !== undefined && before !== digest) broken.push(`${change.id} was told in two ways`);
      last.digests.set(revision, before ?? digest);
      if (revision <= last.revision) return;
      if (revision > last.revision + 1) broken.push(`${key} goes from revision ${last.revision} to ${revision}`);
      if (observedAt < last.observedAt)
        broken.push(`${change.id} was observed at ${observedAt}, before ${last.observedAt}`);
      chains.set(key, { revision, observedAt, digests: last.digests });
    },
    broken: () => broken,
    ends: () => new Map([...chains].map(([key, { revision }]) => [key, revision])),
  };
}

/** Whose last change was written and never told, or told and is not in the document. Both by the chains' keys. */
export function findUntold(
  ends: ReadonlyMap<string, number>,
  documents: ReadonlyMap<string, { revision: number }>,
): string[] {
  const untold = [...documents].flatMap(([key, { revision }]) => {
    const told = ends.get(key) ?? 0;
    return told === revision ? [] : [`${key} is at revision ${revision} and was told up to ${told}`];
  });
  const missing = [...ends.keys()].filter((key) => !documents.has(key));
  return [...untold, ...missing.map((key) => `${key} was told up to ${ends.get(key)} and has no document`)];
}
