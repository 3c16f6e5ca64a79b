import fc from 'fast-check';
import type { SweepRecord, UserDocument } from '@muster/contracts';
import {
  addVerdict,
  countedBefore,
  emptyTally,
  judgeFullRow,
  judgeRow,
  judgeSuspects,
  leaveOut,
  toSince,
  type KnownRow,
} from '../../src/domain/loss-meter.js';
import { toUser } from './tenant.js';

/**
 * A directory in which each person changes once, and all that can bring a change into the picture: the read after a
 * notification, sweeps of several pages that may fail and be made again, full reads behind a lost token, and other reads. The picture keeps what
 * `UserFacts` says.
 */
export type History = { people: Person[]; sweeps: Sweep[]; others: Other[] };
/** `left`: in a burst, announced and left to a sweep. `idle`: notified, and nothing that is followed changed. Times are ms; all are far below those of `late`. */
type Person = {
  changeAt: number;
  way: 'read' | 'late' | 'left' | 'dropped' | 'idle';
  after: number;
  takes: number;
  told: number;
};
/** `pages`: from asking for a page until Graph looks. */
type Sweep = {
  /** A full read, since the token was lost. */
  isFull: boolean;
  wait: number;
  pages: number[];
  settles: number;
  told: number;
  fails: boolean;
};
/** A full read or a request. */
type Other = { person: number; at: number; takes: number; told: number };

const BASELINE_ENDED = 5;
/** Nobody changes before; from here on the meter is asked. */
export const ASKED_SINCE = 8;
const QUIET = 2_000;
const LATE = 800;
const QUIET_SWEEP: Sweep = { isFull: false, wait: QUIET, pages: [1], settles: 1, told: 1, fails: false };

export const at = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();

const few = (max: number) => fc.nat({ max });
export const anyHistory: fc.Arbitrary<History> = fc.record({
  people: fc.array(
    fc.record({
      changeAt: fc.integer({ min: ASKED_SINCE + 1, max: 150 }),
      way: fc.constantFrom('read', 'late', 'left', 'dropped', 'idle'),
      after: few(20),
      takes: few(8),
      told: few(20),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  sweeps: fc.array(
    fc.record({
      isFull: fc.nat({ max: 3 }).map((drawn) => drawn === 0),
      wait: few(20),
      pages: fc.array(few(10), { minLength: 1, maxLength: 3 }),
      settles: few(10),
      told: few(30),
      fails: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  ),
  others: fc.array(fc.record({ person: few(5), at: few(200), takes: few(8), told: few(20) }), { maxLength: 4 }),
});

type Doc = {
  value: number;
  observedAt: number;
  changedAt: number;
  notifiedAt: number | null;
  foundAt: number | null;
};
type Seen = { index: number; value: number; observedAt: number; takenAt: number; isNotified?: boolean };

/** What the meter says when everything has settled. */
export function runHistory({ people, sweeps, others }: History): SweepRecord[] {
  const documents = people.map((): Doc => ({ value: 0, observedAt: 0, changedAt: 0, notifiedAt: null, foundAt: null }));
  const queue: { at: number; order: number; run: () => void }[] = [];
  let order = 0;
  const later = (time: number, run: () => void): void => void queue.push({ at: time, order: (order += 1), run });
  const changesAt = (index: number): number => {
    const { changeAt, way } = people[index] ?? { changeAt: 0, way: 'idle' };
    return way === 'idle' ? Number.POSITIVE_INFINITY : changeAt;
  };
  const valueAt = (index: number, time: number): number => (time >= changesAt(index) ? 1 : 0);

  const take = ({ index, value, observedAt, takenAt, isNotified = false }: Seen): void => {
    const document = documents[index];
    if (!document) return;
    if (isNotified && observedAt > (document.notifiedAt ?? 0)) document.notifiedAt = observedAt;
    if (observedAt <= document.observedAt) return;
    if (value !== document.value) document.changedAt = takenAt;
    if (value !== document.value && !isNotified) document.foundAt = takenAt;
    Object.assign(document, { value, observedAt });
  };
  type Reading = { takes: number; told: number };
  const read = (index: number, observedAt: number, { takes, told }: Reading, isNotified = false): void => {
    const [lookedAt, takenAt] = [observedAt + takes, observedAt + takes + told];
    later(takenAt, () => take({ index, value: valueAt(index, lookedAt), observedAt, takenAt, isNotified }));
  };

  for (const [index, { changeAt, way, after, ...person }] of people.entries())
    if (way === 'read' || way === 'idle') read(index, changeAt + 1 + after, person, true);
    else if (way === 'late') read(index, changeAt + LATE + after, person, true);
  for (const { person, at: sentAt, ...other } of others) if (person < people.length) read(person, sentAt, other);

  const records = new Map<string, SweepRecord>();
  const quiet: Sweep[] = [0, 1].map(() => ({ ...QUIET_SWEEP }));
  const cursor = { takenAt: 0, version: 0, baselineEndedAt: BASELINE_ENDED };
  let now = BASELINE_ENDED;

  const keep = ({ from, ...fields }: Partial<SweepRecord> & { from: string }): void =>
    void records.set(from, { ...EMPTY, sweepId: from, from, ...fields });
  const recordBefore = (from: string): SweepRecord | null =>
    [...records.values()].find(({ to }) => to === from) ?? null;
  const ask = (reach: number): { sentAt: number; lookedAt: number } => {
    const sentAt = now;
    now += reach;
    return { sentAt, lookedAt: now };
  };

  function* sweep({ pages, settles, told, fails }: Sweep): Generator<number, void> {
    const asked = pages.map(ask);
    const until = asked[0]?.lookedAt ?? 0;
    const readUntil = at(now);
    now += settles;
    yield now;
    const [from, to] = [at(cursor.takenAt), at(asked[0]?.sentAt ?? 0)];
    const before = recordBefore(from);
    const since = toSince({ takenAt: from, baselineEndedAt: at(cursor.baselineEndedAt) }, before);
    const counted = new Set<string>();
    const tally = emptyTally();
    for (const index of people.keys()) {
      if (changesAt(index) <= cursor.version || changesAt(index) > until) continue;
      const observedAt = asked[index % asked.length]?.sentAt ?? 0;
      const row = { userId: `${index}`, user: toUserOf(1) };
      const known = toKnown(documents[index]);
      const verdict = judgeRow(row, known, since);
      if (verdict !== 'repeat') counted.add(row.userId);
      addVerdict(tally, verdict, { userId: row.userId, observedAt: at(observedAt), known, to });
      const takenAt = now + told;
      later(takenAt, () => take({ index, value: 1, observedAt, takenAt }));
    }
    if (fails) return;
    if (before?.closedBy === 'full') records.set(before.from, leaveOut(before, counted));
    keep({ from, to, readUntil, ...tally });
    Object.assign(cursor, { takenAt: asked[0]?.sentAt, version: until });
  }

  /** A token of its own first; ends when all that it told is taken in. */
  function* readAll({ wait, pages, settles, told, fails }: Sweep): Generator<number, void> {
    const token = ask(wait);
    const interval = { from: at(cursor.takenAt), to: at(token.sentAt) };
    const counted = countedBefore([...records.values()]);
    const tally = emptyTally();
    for (const [page, reach] of pages.entries()) {
      const { sentAt: observedAt, lookedAt } = ask(reach);
      now += settles;
      yield now;
      for (const index of people.keys()) {
        if (index % pages.length !== page) continue;
        const value = valueAt(index, lookedAt);
        const row = { userId: `${index}`, user: toUserOf(value) };
        const known = toKnown(documents[index]);
        const verdict = counted.has(row.userId) ? 'repeat' : judgeFullRow(row, known, interval.from);
        addVerdict(tally, verdict, { userId: row.userId, observedAt: at(observedAt), known, to: interval.to });
        const takenAt = now + told;
        later(takenAt, () => take({ index, value, observedAt, takenAt }));
      }
    }
    now += told + 1;
    yield now;
    if (fails) return;
    keep({ ...interval, readUntil: at(now), ...tally, closedBy: 'full' });
    Object.assign(cursor, { takenAt: token.sentAt, version: token.lookedAt, baselineEndedAt: now });
  }

  function* sweepAll(): Generator<number, void> {
    for (const one of [...sweeps, ...quiet]) {
      now += 1 + one.wait;
      yield* one.isFull ? readAll(one) : sweep(one);
    }
  }

  const sweeping = sweepAll();
  const goOn = (): void => {
    const { value } = sweeping.next();
    if (value !== undefined) later(value, goOn);
  };
  goOn();
  while (queue.length > 0) {
    queue.sort((one, other) => one.at - other.at || one.order - other.order);
    queue.shift()?.run();
  }
  const notifiedAt = (userId: string): string | null => {
    const [person, document] = [people[Number(userId)], documents[Number(userId)]];
    if (person?.way === 'left') return at(person.changeAt + person.after);
    return document?.notifiedAt ? at(document.notifiedAt) : null;
  };
  return [...records.values()].map((record) => judgeSuspects(record, notifiedAt, at(QUIET * 3)));
}

const EMPTY: SweepRecord = {
  sweepId: '',
  integrationId: 'i',
  tenantId: 't',
  from: '',
  to: '',
  state: 'covered',
  rows: 0,
  announced: 0,
  found: 0,
  lost: 0,
  worstDelayMs: 0,
  suspects: [],
  judgedAt: null,
};

const toUserOf = (value: number) => ({ ...toUser('a'), department: `${value}` });

function toKnown(document: Doc | undefined): KnownRow | null {
  if (!document) return null;
  const { value, observedAt, changedAt, notifiedAt, foundAt } = document;
  return {
    document: {
      ...(toUserOf(value) as UserDocument),
      status: 'active',
      observedAt: at(observedAt),
      changedAt: at(changedAt),
    },
    notifiedAt: notifiedAt === null ? null : at(notifiedAt),
    foundAt: foundAt === null ? null : at(foundAt),
  };
}
