import { Failure, type DirectoryChange } from '@muster/contracts';
import type { Publisher } from '@muster/event-log';
import type { Now } from '@muster/runtime';
import type { Base, GuardedWrite, Projected, Stored } from '@muster/store';
import { continueRevisions } from './domain/change-events.js';

export type Decision<T, F> =
  | { kind: 'ignore' }
  | { kind: 'read' }
  | { kind: 'touch'; observedAt: string; facts: F }
  | { kind: 'write'; document: T; facts: F; pending: DirectoryChange; removes?: boolean };

export type Outcome = {
  /** Changes that are on the feed now, by id of the document. */
  changes: Map<string, DirectoryChange>;
  /** Ids that have to be read from Graph before anything can be decided. */
  toRead: string[];
  ignored: number;
  touched: number;
  refused: number;
  leftovers: number;
  writtenAt: Date;
  publishedAt: Date;
};

type Options<T, F> = {
  collection: Projected<T, F>;
  ids: readonly string[];
  /** `kept`: the removal that was decided before must wait; what else is to be written? */
  decide: (id: string, stored: Stored<T, F> | null, kept?: boolean) => Decision<T, F>;
  /** Of the documents that would be removed, those that must wait. */
  holdBack?: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  publisher: Pick<Publisher, 'publish'>;
  now: Now;
};

/** A refused write means that another copy of the projector was faster; it cannot go on for long. */
const MAX_ROUNDS = 8;

/**
 * Load, decide, write under guard, publish, confirm; what was refused is loaded and decided again. A change that was
 * stored earlier and never confirmed goes out before a new one of the same document (design, invariant 4).
 */
export async function writeProjected<T extends { revision: number }, F>(options: Options<T, F>): Promise<Outcome> {
  const { collection, publisher, now } = options;
  const at = now();
  const counts = { ignored: 0, touched: 0, refused: 0, leftovers: 0 };
  const outcome: Outcome = { changes: new Map(), toRead: [], ...counts, writtenAt: at, publishedAt: at };
  let ids = [...new Set(options.ids)];
  for (let round = 0; ids.length > 0; round += 1) {
    if (round === MAX_ROUNDS) {
      throw new Failure('projector.contended', 'documents keep moving under the projector', { retryable: true });
    }
    const stored = await collection.load(ids);
    outcome.leftovers += await publishLeftovers(stored, options);
    const writes: GuardedWrite<T, F>[] = [];
    for (const [id, decision] of await decideAll(ids, stored, options)) {
      const known = stored.get(id) ?? null;
      if (decision.kind === 'ignore') outcome.ignored += 1;
      else if (decision.kind === 'read') outcome.toRead.push(id);
      else writes.push(toWrite(id, known, decision));
    }
    const { refused } = await collection.write(writes);
    outcome.writtenAt = now();
    const lost = new Set(refused);
    const written = writes.filter((write) => !lost.has(write.id));
    const told = written.flatMap((write) => (write.kind === 'touch' ? [] : [{ id: write.id, change: write.pending }]));
    await publishChanges(told, collection, publisher);
    outcome.publishedAt = now();
    for (const { id, change } of told) outcome.changes.set(id, change);
    outcome.touched += written.length - told.length;
    outcome.refused += refused.length;
    ids = refused;
  }
  return outcome;
}

async function decideAll<T extends { revision: number }, F>(
  ids: readonly string[],
  stored: ReadonlyMap<string, Stored<T, F>>,
  { decide, holdBack, collection }: Options<T, F>,
): Promise<ReadonlyMap<string, Decision<T, F>>> {
  const decisions = new Map(ids.map((id) => [id, decide(id, stored.get(id) ?? null)]));
  const removed = [...decisions].filter(([, one]) => one.kind === 'write' && one.removes).map(([id]) => id);
  if (removed.length > 0 && holdBack)
    for (const id of await holdBack(removed)) decisions.set(id, decide(id, stored.get(id) ?? null, true));
  await continueLost(decisions, stored, collection);
  return decisions;
}

/** Who gets a document for the first time may have had one that was lost: its revisions go on. */
async function continueLost<T extends { revision: number }, F>(
  decisions: Map<string, Decision<T, F>>,
  stored: ReadonlyMap<string, Stored<T, F>>,
  collection: Pick<Projected<T, F>, 'lastTold'>,
): Promise<void> {
  const first = [...decisions].filter(([id, { kind }]) => kind === 'write' && !stored.has(id)).map(([id]) => id);
  if (first.length === 0) return;
  for (const [id, told] of await collection.lastTold(first)) {
    const decision = decisions.get(id);
    if (decision?.kind === 'write') decisions.set(id, { ...decision, ...continueRevisions(decision, told) });
  }
}

function toWrite<T extends { revision: number }, F>(
  id: string,
  stored: Stored<T, F> | null,
  decision: Extract<Decision<T, F>, { kind: 'touch' | 'write' }>,
): GuardedWrite<T, F> {
  const { facts } = decision;
  const base = toBase(stored);
  if (decision.kind === 'touch') return { kind: 'touch', id, base, observedAt: decision.observedAt, facts };
  const { document, pending } = decision;
  return stored
    ? { kind: 'update', id, base, document, pending, facts }
    : { kind: 'insert', id, document, pending, facts };
}

const toBase = <T extends { revision: number }, F>(stored: Stored<T, F> | null): Base<T> =>
  stored
    ? { revision: stored.document.revision, version: stored.version, document: stored.document }
    : { revision: 0, version: null };

async function publishLeftovers<T, F>(
  stored: ReadonlyMap<string, Stored<T, F>>,
  { collection, publisher }: Options<T, F>,
): Promise<number> {
  const waiting = [...stored].flatMap(([id, { pending }]) => (pending ? [{ id, change: pending }] : []));
  await publishChanges(waiting, collection, publisher);
  return waiting.length;
}

type Told = { id: string; change: DirectoryChange };

export async function publishChanges(
  changes: readonly Told[],
  collection: Pick<Projected<never>, 'published'>,
  publisher: Pick<Publisher, 'publish'>,
): Promise<void> {
  if (changes.length === 0) return;
  await publisher.publish(changes.map(({ id, change }) => ({ topic: 'changes', key: id, value: change })));
  await collection.published(changes.map(({ id, change }) => ({ id, revision: change.data.revision })));
}
