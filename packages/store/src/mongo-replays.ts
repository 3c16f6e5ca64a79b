import type { Connection } from 'mongoose';
import { rowsOf } from './mongo-collections.js';
import type { ReplayRecord, ReplaysStore } from './access-store.js';

/** Kafka deletes whole segments, so a letter may outlive its 30 days by a week or more; `position` is its offset as a number. */
const KEPT_MS = 60 * 86_400_000;
type ReplayRow = ReplayRecord & { position: number; clearAt: Date };

export function createReplaysStore(connection: Connection): ReplaysStore {
  const rows = rowsOf<ReplayRow>(connection, 'replays');
  const toId = ({ partition, offset }: Pick<ReplayRecord, 'partition' | 'offset'>): string => `${partition}/${offset}`;
  return {
    add: async (replay) => {
      const clearAt = new Date(Date.parse(replay.replayedAt) + KEPT_MS);
      const fields = { ...replay, position: Number(replay.offset), clearAt };
      await rows.updateOne({ _id: toId(replay) }, { $set: fields, $inc: { times: 1 } }, { upsert: true });
    },
    // Rows of before have no position; they are cleared away by their own index, 31 days after the replay.
    count: ({ partition, from }) =>
      rows.countDocuments({ partition, $or: [{ position: { $gte: from } }, { position: { $exists: false } }] }),
    of: async (letters) => {
      const found = await rows.find({ _id: { $in: letters.map(toId) } }).toArray();
      return found.map(({ partition, offset, replayedAt, replayedBy, times }) => ({
        partition,
        offset,
        replayedAt,
        replayedBy,
        times,
      }));
    },
  };
}
