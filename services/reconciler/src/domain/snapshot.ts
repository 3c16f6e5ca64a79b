import { plural, type IntegrationSettings, type UserDocument } from '@muster/contracts';

/** What a full read saw of an id. */
export const MARK = { present: 1, inScope: 2 } as const;

export type ReadFigures = {
  lastPageReached: boolean;
  rows: number;
  /** Rows that could not be read as what they should be. */
  malformed: number;
  /** `$count` before and after the read; null where Graph gives none. */
  countBefore: number | null;
  countAfter: number | null;
  /** Partitions whose end mark the projector reached, and how many there are. */
  answered: number;
  partitions: number;
};
export type Verdict = { ok: true } | { ok: false; code: string; message: string };

const no = (code: string, message: string): Verdict => ({ ok: false, code, message });

/** Only a complete read proves absence. The first reason that fits is told. */
export function judgeRead(figures: ReadFigures): Verdict {
  if (!figures.lastPageReached) return no('snapshot.cut', 'The last page was not reached.');
  if (figures.malformed > 0)
    return no('snapshot.malformed', `${plural(figures.malformed, 'row')} could not be read as what they should be.`);
  if (!isInCountRange(figures))
    return no(
      'snapshot.count-differs',
      `${plural(figures.rows, 'row was', 'rows were')} read; Graph counted ${figures.countBefore ?? '?'} before and ${figures.countAfter ?? '?'} after.`,
    );
  if (figures.answered < figures.partitions)
    return no(
      'snapshot.not-projected',
      `The projector answered for ${figures.answered} of ${plural(figures.partitions, 'partition')}.`,
    );
  return { ok: true };
}

function isInCountRange({ rows, countBefore, countAfter }: ReadFigures): boolean {
  if (countBefore === null || countAfter === null) return true;
  return rows >= Math.min(countBefore, countAfter) && rows <= Math.max(countBefore, countAfter);
}

export type KnownPerson = {
  userId: string;
  observedAt: string;
  inGroup: boolean;
  membership: { groupId: string; observedAt: string } | null;
};
export type Read = { groupId: string | null; readBegan: string };

/**
 * Whether a document's person may have left: not seen, or seen out of scope while the document says in. What was observed
 * after the read began is younger than what the read can prove: the person, or that the person is in this group.
 */
export const mayHaveLeft = (person: KnownPerson, mark: number, { groupId, readBegan }: Read): boolean =>
  (mark === 0 && person.observedAt < readBegan) ||
  (mark !== MARK.inScope && person.inGroup && inGroupSeenAt(person, groupId) < readBegan);

/** Never, where another group was chosen since: sweeps go on telling of the person without it. */
const inGroupSeenAt = ({ observedAt, membership }: KnownPerson, groupId: string | null): string => {
  if (groupId === null) return observedAt;
  return membership?.groupId === groupId ? membership.observedAt : '';
};

/** Whether a document that says deleted may be wrong: the person was seen out of scope, where nobody else tells of it. */
export const mayBeBack = (person: Pick<KnownPerson, 'observedAt'>, mark: number, readBegan: string): boolean =>
  person.observedAt < readBegan && mark === MARK.present;

/** By the document; without a group guests may be out by the settings. */
export const wasInScope = (
  { groupId }: Pick<IntegrationSettings, 'groupId'>,
  { status, inGroup }: Pick<UserDocument, 'status' | 'inGroup'>,
): boolean => status !== 'out-of-scope' && (groupId === null || inGroup);

/** Guests are left out where the settings say so; without a group only, for a group's admin chose its members. */
export const isInScope = (
  settings: Pick<IntegrationSettings, 'groupId' | 'includeGuests'>,
  person: { userType: string | null; inGroup: boolean },
): boolean =>
  settings.groupId === null ? settings.includeGuests || person.userType?.toLowerCase() !== 'guest' : person.inGroup;

/** What the projector writes in a limit at the least: some 55 a second in half an hour. */
const ROWS_IN_LIMIT = 100_000;

/** How long the projector may take for so many rows, ms: a first load of a million is no failure because it is large. */
export const toProjectionLimit = (rows: number, limitMs: number): number => limitMs * Math.max(1, rows / ROWS_IN_LIMIT);
