import { createHash } from 'node:crypto';
import {
  mfaDocument,
  userDocument,
  type DirectoryChange,
  type MfaDocument,
  type UserDocument,
  type UserStatus,
} from '@muster/contracts';
import type { Admission, Departure } from './falsely-told.js';
import { judgeChange, statusOf } from './judge-change.js';

export type RevisionChains = {
  /** In the order of the feed. */
  readonly add: (change: DirectoryChange, at?: number) => void;
  /** What is wrong, in words: a gap, a disorder, two contents of one id, an observation older than the one before, a change that is not what it says. */
  readonly broken: () => readonly string[];
  /** How often a revision came once more when a newer one was told already; consumers pass over it (0006). */
  readonly toldBehind: () => number;
  /** What was told last of each document, by `users|mfa/{tenantId}/{userId}`. */
  readonly ends: () => ReadonlyMap<string, End>;
  /** Of each person, by `{tenantId}/{userId}`: whenever the person was told as gone or outside, in their order. */
  readonly departures: () => ReadonlyMap<string, readonly Departure[]>;
  /** Of each person: whenever the person was told as being there after having been gone or outside. */
  readonly admissions: () => ReadonlyMap<string, readonly Admission[]>;
};

export type End = { readonly revision: number; readonly digest: string };

/** `digests` by revision: a repeat of an old one is compared too. */
type Link = End & {
  digests: Map<number, string>;
  document?: DirectoryChange['data']['document'];
};

const isAway = (status?: UserStatus): status is Departure['status'] =>
  status === 'deleted' || status === 'out-of-scope';

const toDigest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('base64');
/**
 * Of what a document says, its fields in the order of their names. A read that found nothing new moves `observedAt`, of
 * which nothing is told.
 */
export const digestOf = (document: object): string =>
  toDigest(
    Object.entries(document)
      .filter(([name]) => name !== 'observedAt')
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );

/** Of what the schemas know of a document, as the feed tells it. */
export const toEnd = (one: UserDocument | MfaDocument): End => ({
  revision: one.revision,
  digest: digestOf(('status' in one ? userDocument : mfaDocument).parse(one)),
});

/**
 * Whether each document's changes come without gap and in order. A repeat, recognised by its id, is allowed; what it
 * says must be the same.
 */
export function createRevisionChains(judge = judgeChange): RevisionChains {
  const chains = new Map<string, Link>();
  const departures = new Map<string, Departure[]>();
  const admissions = new Map<string, Admission[]>();
  const broken: string[] = [];
  let toldBehind = 0;
  return {
    add: (change, at = Date.now()) => {
      const key = change.id.slice(0, change.id.lastIndexOf('/'));
      const { revision, document } = change.data;
      const { observedAt } = document;
      const last: Link = chains.get(key) ?? {
        revision: 0,
        digest: '',
        digests: new Map<number, string>(),
      };
      const whole = toDigest(change);
      if (change.id !== `${key}/${revision}`) broken.push(`${change.id} tells revision ${revision}`);
      const before = last.digests.get(revision);
      if (before !== undefined && before !== whole) broken.push(`${change.id} was told in two ways`);
      last.digests.set(revision, before ?? whole);
      if (revision < last.revision) toldBehind += 1;
      if (revision <= last.revision) return;
      if (revision > last.revision + 1) broken.push(`${key} goes from revision ${last.revision} to ${revision}`);
      const lastObservedAt = last.document?.observedAt ?? '';
      if (observedAt < lastObservedAt)
        broken.push(`${change.id} was observed at ${observedAt}, before ${lastObservedAt}`);
      if (revision === last.revision + 1) broken.push(...judge(last.document, change));
      const [formerly, status] = [statusOf(last.document), statusOf(document)];
      const person = key.slice(key.indexOf('/') + 1);
      if (isAway(status)) {
        if (status !== formerly && formerly !== 'deleted')
          departures.set(person, [...(departures.get(person) ?? []), { status, at }]);
      } else if (isAway(formerly)) {
        const seenAt = Date.parse(observedAt);
        admissions.set(person, [...(admissions.get(person) ?? []), { at, seenAt }]);
      }
      const digest = digestOf(document);
      chains.set(key, { revision, digest, digests: last.digests, document });
    },
    broken: () => broken,
    toldBehind: () => toldBehind,
    ends: () => chains,
    departures: () => departures,
    admissions: () => admissions,
  };
}

/** Whose last change was written and never told, told and is not in the document, or told otherwise. Both by the chains' keys. */
export function findUntold(ends: ReadonlyMap<string, End>, documents: ReadonlyMap<string, End>): string[] {
  const untold = [...documents].flatMap(([key, { revision, digest }]) => {
    const told = ends.get(key);
    const upTo = told?.revision ?? 0;
    if (told?.revision !== revision) return [`${key} is at revision ${revision} and was told up to ${upTo}`];
    return told.digest === digest ? [] : [`${key} says something else than what was told at revision ${revision}`];
  });
  const missing = [...ends].filter(([key]) => !documents.has(key));
  return [...untold, ...missing.map(([key, { revision }]) => `${key} was told up to ${revision} and has no document`)];
}
