import type { Connection } from 'mongoose';
import { rowsOf } from './mongo-collections.js';
import type { ReplayRecord, ReplaysStore } from './store.js';

/** Cleared away 31 days after `at`: by then the dead letter itself is gone. */
type ReplayRow = ReplayRecord & { at: Date };

export function createReplaysStore(connection: Connection): ReplaysStore {
  const rows = rowsOf<ReplayRow>(connection, 'replays');
  const toId = ({ partition, offset }: Pick<ReplayRecord, 'partition' | 'offset'>): string => `${partition}/${offset}`;
  return {
    add: async (replay) => {
      const fields = { ...replay, at: new Date(replay.replayedAt) };
      await rows.updateOne({ _id: toId(replay) }, { $set: fields, $inc: { times: 1 } }, { upsert: true });
    },
    count: (since) => rows.countDocuments({ at: { $gte: since } }),
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
