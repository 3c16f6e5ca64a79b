/** From the directory (`groupId` null) or from a group, by the simulator; `back` null while it lasts. */
export type Absence = { readonly groupId: string | null; readonly left: number; readonly back: number | null };
export type Leavers = {
  readonly absences: Readonly<Record<string, readonly Absence[]>>;
  /** A group went out of another, or was deleted: whoever was in it went, too. */
  readonly didGroupsMove: boolean;
};
/** Somebody was told as gone or outside, and was not told so before; `at` by our clock, repeats left out. */
export type Departure = { readonly status: 'deleted' | 'out-of-scope'; readonly at: number };

/**
 * Somebody was told as being there, active or disabled, and was told as gone or outside before; `at` as above, `seenAt`: when
 * Graph said so.
 */
export type Admission = { readonly at: number; readonly seenAt: number };

/**
 * Reads that lag, or a clock that jumps, may show who has left in the directory once more, and gone again: one departure
 * is told twice. That is no partial read, and no further from the absence than what waits in the log.
 */
const TOLD_LATE_MS = 300_000;
/** A replica shows somebody for so long behind the deletion; what was seen earlier was true, however late it is told. */
const SEEN_LATE_MS = 60_000;
/** What waited in the log is told once, so long behind the person's return at most: it takes an absence that was not told. */
const WAITED_MS = 900_000;

/** Who was told as gone or outside when it was not true: a partial read that removed somebody, however soon it was mended. */
export function findFalselyTold(
  departures: ReadonlyMap<string, readonly Departure[]>,
  { tenantId, leavers: { absences, didGroupsMove } }: { tenantId: string; leavers: Leavers },
): string[] {
  return [...departures].flatMap(([person, told]) => {
    if (!person.startsWith(`${tenantId}/`)) return [];
    const ofPerson = absences[person.slice(tenantId.length + 1)] ?? [];
    const find = (status: Departure['status'], truly: readonly Absence[], words: string): string[] => {
      const untold = new Set(truly);
      return told
        .filter((one) => one.status === status)
        .flatMap(({ at }, index) => {
          const begun = truly.filter(({ left }) => left <= at);
          const within = (ms: number) => begun.filter(({ back }) => back === null || back >= at - ms);
          const meant = within(TOLD_LATE_MS).at(-1) ?? within(WAITED_MS).find((one) => untold.has(one));
          if (meant) {
            untold.delete(meant);
            return [];
          }
          const time = new Date(at).toISOString();
          return [`${person} was told as ${words} at ${time}, for time ${index + 1}, and was so ${begun.length} times`];
        });
    };
    return [
      ...find(
        'deleted',
        ofPerson.filter(({ groupId }) => groupId === null),
        'deleted',
      ),
      ...(didGroupsMove ? [] : find('out-of-scope', ofPerson, 'out of scope')),
    ];
  });
}

/** Who was told as being there in the middle of a time in which the person was deleted: an old read that let somebody in again. */
export function findFalselyAdmitted(
  admissions: ReadonlyMap<string, readonly Admission[]>,
  { tenantId, leavers: { absences } }: { tenantId: string; leavers: Leavers },
): string[] {
  return [...admissions].flatMap(([person, told]) => {
    if (!person.startsWith(`${tenantId}/`)) return [];
    const gone = (absences[person.slice(tenantId.length + 1)] ?? []).filter(({ groupId }) => groupId === null);
    return told.flatMap(({ at, seenAt }) => {
      const isWrong = ({ left, back }: Absence): boolean =>
        left < at - TOLD_LATE_MS && left < seenAt - SEEN_LATE_MS && (back === null || back > at);
      const since = gone.find(isWrong);
      if (!since) return [];
      const [time, left] = [at, since.left].map((one) => new Date(one).toISOString());
      return [`${person} was told as being there at ${time}, and was deleted since ${left}`];
    });
  });
}
