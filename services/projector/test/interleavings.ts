import fc from 'fast-check';
import type { DirectoryUser, UserDocument } from '@muster/contracts';
import { toUser } from '@muster/test-support';
import { projectUser, type KnownUser, type SeenUser } from '../src/domain/project-user.js';
import type { Scope } from '../src/domain/scope.js';

/**
 * Random histories of one person, for property tests here and on the real server. A sight is drawn as one number, so
 * that 100,000 histories are drawn in seconds and still shrink.
 */
export const groupId = '30000000-0000-4000-8000-000000000000';
const nestedId = '30000000-0000-4000-8000-000000000001';
export const everyone: Scope = {
  tenantId: '10000000-0000-4000-8000-000000000000',
  groupId: null,
  includeGuests: false,
  features: { userSync: true, mfaVerification: true },
  createdAt: '2025-01-01T00:00:00.000Z',
};
export const grouped: Scope = { ...everyone, groupId };

export const at = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
/** Long after every sight. */
export const now = new Date(at(86_400_000));

export const person = (userId: string, fields: Partial<DirectoryUser>): DirectoryUser =>
  toUser({ userId, userPrincipalName: 'a@example.com', ...fields });

type Sight = Pick<SeenUser, 'user' | 'membership'>;
const inside = (groupPath: string[] | null) => ({ membership: { groupId, inGroup: true, groupPath } });
const outside = { membership: { groupId, inGroup: false, groupPath: [] } };
const gone = { user: null };
/** Few values, so that the same ones come back (ABA), and that reads of one instant disagree. */
const USERS: Partial<DirectoryUser>[] = [
  {},
  { displayName: 'Berta' },
  { accountEnabled: false },
  { userType: 'Guest' },
];
const MEMBERSHIPS = [inside([groupId]), inside([groupId, nestedId]), inside(null), outside];
const SOURCES = ['notification', 'delta', 'request'] as const;

const SIGHTS: ((userId: string) => Sight)[] = [
  ...USERS.map((fields) => (userId: string) => ({ user: person(userId, fields) })),
  ...USERS.flatMap((fields) =>
    MEMBERSHIPS.map((membership) => (userId: string) => ({ user: person(userId, fields), ...membership })),
  ),
  ...MEMBERSHIPS.map((membership) => () => membership),
  // Deleted, in as many ways as there are to be there: restores are then as likely.
  ...Array.from({ length: 6 }, () => () => gone),
];
const INSTANTS = 6;
/** Of the two clocks behind reads one is ahead: what began later may say that it began before. */
const SKEWS_MS = [0, 0, 0, 1_500, -1_500];
const CODES = SIGHTS.length * INSTANTS * SKEWS_MS.length * SOURCES.length;

export function toSeen(userId: string, code: number): SeenUser {
  let rest = code;
  const draw = (size: number): number => {
    const drawn = rest % size;
    rest = Math.floor(rest / size);
    return drawn;
  };
  const sight = SIGHTS[draw(SIGHTS.length)];
  const instant = draw(INSTANTS) * 1_000 + 10_000;
  const observedAt = at(instant + (SKEWS_MS[draw(SKEWS_MS.length)] ?? 0));
  const source = SOURCES[draw(SOURCES.length)] ?? 'delta';
  return { userId, observedAt, source, ...sight?.(userId) };
}

export type Interleaving = { codes: number[]; order: number[]; cuts: number };
/** `order` holds every sight once or twice; a bit of `cuts` ends a batch behind that place. */
export const anyInterleaving: fc.Arbitrary<Interleaving> = fc
  .record({
    codes: fc.array(fc.nat({ max: CODES - 1 }), { minLength: 1, maxLength: 7 }),
    seed: fc.nat(),
    cuts: fc.nat({ max: 2 ** 14 - 1 }),
  })
  .map(({ codes, seed, cuts }) => ({ codes, order: shuffle(codes.length, seed), cuts }));

/** Each once, and about half of them a second time. */
function shuffle(length: number, seed: number): number[] {
  let state = seed + 1;
  const draw = (size: number): number => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return (state >>> 4) % size;
  };
  const order = Array.from({ length }, (_, index) => index);
  for (let index = 0; index < length; index += 1) if (draw(2) === 0) order.push(index);
  for (let index = order.length - 1; index > 0; index -= 1) {
    const other = draw(index + 1);
    [order[index], order[other]] = [order[other] ?? 0, order[index] ?? 0];
  }
  return order;
}

export function toBatches(userId: string, { codes, order, cuts }: Interleaving): SeenUser[][] {
  const batches: SeenUser[][] = [[]];
  for (const [place, index] of order.entries()) {
    batches.at(-1)?.push(toSeen(userId, codes[index] ?? 0));
    if ((cuts >> place) & 1 && place < order.length - 1) batches.push([]);
  }
  return batches;
}

/** The person as known before: in the group for certain, or everyone's. */
export function start(scope: Scope, userId: string): KnownUser {
  const first: SeenUser = { userId, observedAt: at(0), source: 'full', user: person(userId, {}), ...inside([groupId]) };
  const verdict = projectUser({ known: null, seen: [first], scope, now });
  if (verdict.kind !== 'write') throw new Error('the first sight is written');
  return { document: verdict.document, facts: verdict.facts };
}

/** Some of the sights are rows of full reads; one that is newer than all, and is none, says how it ends. */
export type Mixed = Interleaving & {
  /** A bit for each sight: a row of a full read. */
  full: number;
  /** A bit for each batch: it comes so late that no document is fresh any more, else at once. */
  late: number;
  closing: number;
  /** Whether there is a document before. */
  isKnown: boolean;
};
export const anyMixed: fc.Arbitrary<Mixed> = fc
  .record({
    interleaving: anyInterleaving,
    full: fc.nat({ max: 127 }),
    late: fc.nat({ max: 2 ** 15 - 1 }),
    closing: fc.nat({ max: 999 }),
    isKnown: fc.boolean(),
  })
  .map(({ interleaving, ...rest }) => ({ ...interleaving, ...rest }));

/**
 * Who has no document leaves no memory by staying out: there the newest sight is of somebody in scope, or, where
 * everybody is, gone.
 */
function toClosing(userId: string, scope: Scope, { closing, isKnown }: Mixed): SeenUser {
  const users = [...USERS.slice(0, 3), ...(isKnown ? USERS.slice(3) : [])].map((fields) => person(userId, fields));
  const ends = isKnown || scope.groupId === null ? [...users, null] : users;
  const membership = closing % 2 === 0 || !isKnown ? inside([groupId]) : outside;
  const user = ends[closing % ends.length] ?? null;
  return { userId, observedAt: at(60_000), source: 'delta', user, ...membership };
}

export type MixedHistory = {
  from: KnownUser | null;
  batches: SeenUser[][];
  closing: SeenUser;
  clock: (step: number) => Date;
};

export function toMixed(userId: string, scope: Scope, mixed: Mixed): MixedHistory {
  const { codes, order, cuts, full, late, isKnown } = mixed;
  const closing = toClosing(userId, scope, mixed);
  const sights = codes.map((code, index): SeenUser => {
    const seen = toSeen(userId, code);
    return (full >> index) & 1 ? { ...seen, source: 'full' } : seen;
  });
  const places = order.toSpliced(mixed.closing % (order.length + 1), 0, codes.length);
  const batches: SeenUser[][] = [[]];
  for (const [place, index] of places.entries()) {
    batches.at(-1)?.push(sights[index] ?? closing);
    if ((cuts >> place) & 1 && place < places.length - 1) batches.push([]);
  }
  const times = [now.getTime()];
  for (let step = 0; step < batches.length; step += 1)
    times.push((times.at(-1) ?? 0) + ((late >> step) & 1 ? 20 * 60_000 : 1_000));
  return {
    from: isKnown ? start(scope, userId) : null,
    batches,
    closing,
    clock: (step) => new Date(times[step + 1] ?? 0),
  };
}

export type Run = { known: KnownUser | null; changes: string[]; revisions: number[]; rereads: number };

/** The same, as the projector reads it by id. */
export const asRead = (seen: SeenUser): SeenUser => ({ ...seen, source: 'notification' });

type RunOptions = {
  clock?: (step: number) => Date;
  /** What a read by id answers, where one is asked for. */
  reread?: SeenUser;
};

export function run(
  scope: Scope,
  batches: readonly (readonly SeenUser[])[],
  from: KnownUser | null,
  { clock = () => now, reread }: RunOptions = {},
): Run {
  let known = from;
  const told: Run = { known, changes: [], revisions: [], rereads: 0 };
  for (const [step, seen] of batches.entries()) {
    let verdict = projectUser({ known, seen, scope, now: clock(step) });
    if (verdict.kind === 'read' && reread) {
      told.rereads += 1;
      verdict = projectUser({ known, seen: [...seen, asRead(reread)], scope, now: clock(step) });
    }
    if (verdict.kind === 'write') {
      known = { document: verdict.document, facts: verdict.facts };
      told.changes.push(verdict.change);
      told.revisions.push(verdict.document.revision);
    } else if (verdict.kind === 'touch' && known) {
      known = { document: { ...known.document, observedAt: verdict.observedAt }, facts: verdict.facts };
    }
  }
  return { ...told, known };
}

/** What people read: how often it changed is left out, and of the deleted all but the fact. */
export function visible(document: UserDocument | undefined): string {
  if (!document) return 'none';
  const { revision: _revision, changedAt: _changedAt, userId, ...rest } = document;
  const { status, observedAt } = rest;
  return JSON.stringify(status === 'deleted' ? { userId, status, observedAt } : { userId, ...sorted(rest) });
}

/** The same without its time: rows of full reads that say nothing new do not move that. */
export function content(document: UserDocument | undefined): string {
  return visible(document && { ...document, observedAt: '' });
}

const sorted = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).sort(([left], [right]) => (left < right ? -1 : 1)));
