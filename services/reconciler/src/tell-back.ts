import { isFailure } from '@muster/contracts';
import { readPeople, toBatches, toSeenEvent } from './confirm.js';
import type { IdMarks } from './domain/id-marks.js';
import { mayBeBack } from './domain/snapshot.js';
import type { SnapshotRun } from './snapshot-run.js';

/**
 * People out of scope who are there although their documents say deleted: a full read tells of no outsider, and the changes
 * that told of their restoration may have been lost with a delta token. Each is read by id, then told; who cannot be read
 * is looked at by the next full read: this one proved what it proved.
 */
export async function tellBack(
  run: SnapshotRun,
  { marks, readBegan }: { marks: IdMarks; readBegan: string },
): Promise<void> {
  const back = await run.tries(async () => {
    const found: string[] = [];
    for await (const person of run.store.users.deletedIds(run.settings.tenantId))
      if (mayBeBack(person, marks.get(person.userId), readBegan)) found.push(person.userId);
    return found;
  });
  for (const some of toBatches(back)) {
    const people = await readPeople(run, some).catch((error: unknown) => {
      if (!isFailure(error)) throw error;
      run.logger.warn({ err: error, userIds: some }, 'people who may be back could not be read');
      return [];
    });
    await run.publish(
      people.flatMap((person) => (person.found === 'yes' ? [toSeenEvent(run, person, run.origin()).event] : [])),
    );
  }
}
