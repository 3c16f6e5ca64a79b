import fc from 'fast-check';
import type { SweepRecord, UserDocument } from '@muster/contracts';
import { judgeRow, judgeSuspects, toSince, type KnownRow } from '../../src/domain/loss-meter.js';
import { toUser } from './tenant.js';

/**
 * A directory in which each person changes once, and all that can bring a change into the picture: the read after a
 * notification, sweeps of several pages that may fail and be made again, and other reads. The picture keeps what
 * `UserFacts` says.
 */
export type History = { people: Person[]; sweeps: Sweep[]; others: Other[] };
/** `left`: in a burst, announced and left to a sweep. Times are ms; all are far below those of `late`. */
type Person = {
  changeAt: number;
  way: 'read' | 'late' | 'left' | 'dropped';
  after: number;
  takes: number;
  told: number;
};
/** `pages`: from asking for a page until Graph looks. */
type Sweep = { wait: number; pages: number[]; settles: number; told: number; fails: boolean };
/** A full read or a request. */
type Other = { person: number; at: number; takes: number; told: number };

const BASELINE_ENDED = 5;
/** Nobody changes before; from here on the meter is asked. */
export const ASKED_SINCE = 8;
const QUIET = 2_000;
const LATE = 800;

export const at = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();

const few = (max: number) => fc.nat({ max });
export const anyHistory: fc.Arbitrary<History> = fc.record({
  people: fc.array(
    fc.record({
      changeAt: fc.integer({ min: ASKED_SINCE + 1, max: 150 }),
      way: fc.constantFrom('read', 'late', 'left', 'dropped'),
      after: few(20),
      takes: few(8),
      told: few(20),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  sweeps: fc.array(
    fc.record({
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

type Doc = { value: number; observedAt: number; notifiedAt: number | null; foundAt: number | null };
type Seen = { index: number; value: number; observedAt: number; takenAt: number; isNotified?: boolean };

/** What the meter says when everything has settled. */
export function runHistory({ people, sweeps, others }: History): SweepRecord[] {
  const documents = people.map((): Doc => ({ value: 0, observedAt: 0, notifiedAt: null, foundAt: null }));
  const queue: { at: number; order: number; run: () => void }[] = [];
  let order = 0;
  const later = (time: number, run: () => void): void => void queue.push({ at: time, order: (order += 1), run });
  const valueAt = (index: number, time: number): number => (time >= (people[index]?.changeAt ?? 0) ? 1 : 0);

  const take = ({ index, value, observedAt, takenAt, isNotified = false }: Seen): void => {
    const document = documents[index];
    if (!document) return;
    if (isNotified && observedAt > (document.notifiedAt ?? 0)) document.notifiedAt = observedAt;
    if (observedAt <= document.observedAt) return;
    if (value !== document.value && !isNotified) document.foundAt = takenAt;
    Object.assign(document, { value, observedAt });
  };
  type Reading = { takes: number; told: number };
  const read = (index: number, observedAt: number, { takes, told }: Reading, isNotified = false): void => {
    const [lookedAt, takenAt] = [observedAt + takes, observedAt + takes + told];
    later(takenAt, () => take({ index, value: valueAt(index, lookedAt), observedAt, takenAt, isNotified }));
  };

  for (const [index, { changeAt, way, after, ...person }] of people.entries())
    if (way === 'read') read(index, changeAt + 1 + after, person, true);
    else if (way === 'late') read(index, changeAt + LATE + after, person, true);
  for (const { person, at: sentAt, ...other } of others) if (person < people.length) read(person, sentAt, other);

  const records = new Map<string, SweepRecord>();
  const quiet: Sweep[] = [0, 1].map(() => ({ wait: QUIET, pages: [1], settles: 1, told: 1, fails: false }));
  const cursor = { takenAt: 0, version: 0 };

  function* sweep(): Generator<number, void> {
    let now = BASELINE_ENDED;
    for (const { wait, pages, settles, told, fails } of [...sweeps, ...quiet]) {
      now += 1 + wait;
      const sentAts: number[] = [];
      let until = 0;
      for (const reach of pages) {
        sentAts.push(now);
        now += reach;
        until ||= now;
      }
      const readUntil = now;
      now += settles;
      yield now;
      const [from, to] = [at(cursor.takenAt), at(sentAts[0] ?? 0)];
      const before = [...records.values()].find((one) => one.to === from) ?? null;
      const since = toSince({ takenAt: from, baselineEndedAt: at(BASELINE_ENDED) }, before);
      const counts = { announced: 0, suspects: [] as SweepRecord['suspects'] };
      for (const [index, { changeAt }] of people.entries()) {
        if (changeAt <= cursor.version || changeAt > until) continue;
        const observedAt = sentAts[index % sentAts.length] ?? 0;
        const row = { userId: `${index}`, user: toUserOf(1) };
        const verdict = judgeRow(row, toKnown(documents[index]), since);
        if (verdict === 'announced' || verdict === 'stale') counts.announced += 1;
        if (verdict === 'found') counts.suspects.push({ userId: row.userId, observedAt: at(observedAt) });
        const takenAt = now + told;
        later(takenAt, () => take({ index, value: 1, observedAt, takenAt }));
      }
      if (fails) continue;
      records.set(from, {
        ...EMPTY,
        sweepId: from,
        from,
        to,
        readUntil: at(readUntil),
        ...counts,
        found: counts.suspects.length,
      });
      Object.assign(cursor, { takenAt: sentAts[0], version: until });
    }
  }

  const sweeping = sweep();
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
  const { value, observedAt, notifiedAt, foundAt } = document;
  return {
    document: { ...(toUserOf(value) as UserDocument), status: 'active', observedAt: at(observedAt) },
    notifiedAt: notifiedAt === null ? null : at(notifiedAt),
    foundAt: foundAt === null ? null : at(foundAt),
  };
}
