import { toPersonKey, type DirectoryUser } from '@muster/contracts';
import { addVerdict, countedBefore, emptyTally, judgeFullRow, toKnownRow, type Tally } from './domain/loss-meter.js';
import { cursorOf, isUsable } from './domain/when-to-sweep.js';
import type { SnapshotRun } from './snapshot-run.js';

/** Who was announced and left to a sweep is known for a day. */
const LONGEST_MS = 86_400_000;
/** A record has 16 MB; so many changes are no matter of lost notifications. */
const MOST_SUSPECTS = 20_000;

export type SeenPerson = { userId: string; user: DirectoryUser | null };
type Gone = { removed: readonly string[]; isSeen: (userId: string) => boolean; observedAt: string };
/** Counts what a full read finds in the interval that it closes, as a sweep would have. */
export type IntervalMeter = {
  /** Ahead of what is told of these people. */
  look: (people: readonly SeenPerson[], observedAt: string) => Promise<void>;
  /** Whom the read removed, and who went before; not those whom it saw and who are only out of scope. */
  lookAtGone: (gone: Gone) => Promise<void>;
  /** Null where nobody can tell. */
  metered: () => Tally | null;
};

const NOTHING: IntervalMeter = {
  look: () => Promise.resolve(),
  lookAtGone: () => Promise.resolve(),
  metered: () => null,
};

/** By all that is not judged yet; behind an outage of the projector that is more than is loaded at once. */
async function countedByOpen({ store, settings, tries }: SnapshotRun): Promise<Set<string>> {
  const counted = new Set<string>();
  let after: string | undefined;
  for (;;) {
    const open = await tries(() => store.coverage.unjudged(settings.integrationId, after));
    for (const userId of countedBefore(open)) counted.add(userId);
    after = open.at(-1)?.to;
    if (after === undefined) return counted;
  }
}

/**
 * Behind a lost token; nothing where no token was lost, nor for a resumed read, which knows its own part only, nor after
 * more than a day.
 */
export async function openIntervalMeter(run: SnapshotRun): Promise<IntervalMeter> {
  const { integrationId, tenantId, groupId } = run.settings;
  const { tokens, resumed } = run.record();
  if (!tokens || tokens.users.length === 0 || resumed) return NOTHING;
  const { takenAt } = tokens;
  const held = await run.tries(() => run.store.cursors.get(integrationId, 'users'));
  const from = held && cursorOf([held], 'users')?.takenAt;
  if (
    !from ||
    isUsable(held, run.settings, run.now()) ||
    held.tenantId !== tenantId ||
    Date.parse(takenAt) - Date.parse(from) > LONGEST_MS
  )
    return NOTHING;
  const tally = emptyTally();
  // Pages that move while they are read tell somebody twice, too.
  const counted = await countedByOpen(run);
  const look: IntervalMeter['look'] = async (people, observedAt) => {
    const known = await run.tries(() =>
      run.store.users.load(people.map(({ userId }) => toPersonKey(tenantId, userId))),
    );
    for (const row of people) {
      const stored = known.get(toPersonKey(tenantId, row.userId));
      // Who enters by the group is told by the group's own changes.
      if ((!stored && groupId !== null) || counted.has(row.userId)) continue;
      const document = stored ? toKnownRow(stored) : null;
      const verdict = judgeFullRow(row, document, from);
      if (verdict === 'repeat' || tally.found > MOST_SUSPECTS) continue;
      counted.add(row.userId);
      addVerdict(tally, verdict, { userId: row.userId, observedAt, known: document, to: takenAt });
    }
  };
  return {
    look,
    lookAtGone: async ({ removed, isSeen, observedAt }) => {
      const left = await run.tries(() => run.store.users.leftSince(tenantId, new Date(from)));
      const gone = [...new Set([...removed, ...left])].filter((userId) => !isSeen(userId));
      await look(
        gone.map((userId) => ({ userId, user: null })),
        observedAt,
      );
    },
    metered: () => (tally.found > MOST_SUSPECTS ? null : tally),
  };
}
