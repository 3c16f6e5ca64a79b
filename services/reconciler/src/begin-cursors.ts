import type { CursorKind, CursorRecord, DeltaToken } from '@muster/contracts';
import { closeInterval } from './close-interval.js';
import { isUsable } from './domain/when-to-sweep.js';
import type { Tally } from './domain/loss-meter.js';
import { graphNow } from './run.js';
import type { SnapshotRun } from './snapshot-run.js';

/** A complete read makes its tokens the cursors, where none is of use: what changed since they were taken comes by delta. */
export async function beginCursors(run: SnapshotRun, metered: Tally | null = null): Promise<void> {
  const { tokens } = run.record();
  if (!tokens) return;
  await begin(run, { kind: 'users', links: tokens.users, metered });
  await begin(run, { kind: 'group', links: tokens.group, metered: null });
}

type Beginning = { kind: CursorKind; links: DeltaToken[]; metered: Tally | null };

async function begin(run: SnapshotRun, { kind, links, metered }: Beginning): Promise<void> {
  const { tokens, snapshotId, startedAt } = run.record();
  if (!tokens) return;
  const { settings, store, tries, now } = run;
  const { integrationId, tenantId, groupId } = settings;
  const held = await tries(() => store.cursors.get(integrationId, kind));
  if (isUsable(held, settings, now())) {
    if (kind === 'users' && links.length > 0) await goBackTo(run, links);
    return;
  }
  if (links.length === 0) {
    const isForbidden = kind === 'group' && tokens.tree.length > 0;
    if (held && isForbidden) await tries(() => store.cursors.save(withoutRight(held, now())));
    return;
  }
  const cursor: CursorRecord = {
    integrationId,
    tenantId,
    kind,
    groupId: kind === 'group' ? groupId : null,
    links,
    tree: kind === 'group' ? tokens.tree : [],
    takenAt: tokens.takenAt,
    // A request that came while the read ran is not answered yet.
    sweptAt: startedAt,
    baselineSnapshotId: snapshotId,
    baselineEndedAt: graphNow(run),
    resetAt: null,
    // Only a sweep tells whether Graph takes the new one.
    resets: held?.resets ?? 0,
    failure: null,
    revision: (held?.revision ?? 0) + 1,
  };
  if (held) await closeInterval(run, { held, next: cursor, metered });
  await tries(() => store.cursors.save(cursor));
}

/** The cursor goes on from an earlier token; sweeps may save it at the same time. */
async function goBackTo({ settings, store, tries }: SnapshotRun, links: DeltaToken[]): Promise<void> {
  for (;;) {
    const held = await tries(() => store.cursors.get(settings.integrationId, 'users'));
    if (!held || (await tries(() => store.cursors.save({ ...held, links, revision: held.revision + 1 })))) return;
  }
}

const withoutRight = (held: CursorRecord, now: Date): CursorRecord => ({
  ...held,
  links: [],
  failure: {
    code: 'graph.forbidden',
    message: 'The app may not follow groups: Group.Read.All or GroupMember.Read.All is missing.',
    at: now.toISOString(),
    count: (held.failure?.count ?? 0) + 1,
  },
  revision: held.revision + 1,
});
