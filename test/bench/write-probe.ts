import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import { insertTenants } from './rows/pipeline.js';
import { createScope, type Servers } from './servers.js';

export type WriteProbe = {
  /** From now until the answer is called: how long each write took, ms. */
  readonly watch: () => () => Promise<readonly number[]>;
  readonly stop: () => Promise<void>;
};

const PAUSE_MS = 200;

/**
 * The floor beside a whole system: one guarded write of one row under our indexes, on the disk when it is answered, in a
 * database of its own on the same server, five times a second. What it waits for, everybody's writes wait for.
 */
export async function startWriteProbe(servers: Servers): Promise<WriteProbe> {
  const { mongodbUri } = createScope(servers, 'probe');
  await insertTenants(mongodbUri, 1);
  const connection = await mongoose.createConnection(mongodbUri).asPromise();
  const users = connection.collection<{ _id: string; tenantId: string; revision: number; department: string }>('users');
  const _id = 'tenant/person';
  let revision = 1;
  await users.insertOne({ _id, tenantId: 'tenant', revision, department: 'none' });
  const write = async (): Promise<number> => {
    const begun = performance.now();
    const fields = { revision: revision + 1, department: `department ${revision}` };
    await users.updateOne({ _id, revision }, { $set: fields }, { writeConcern: { w: 'majority', journal: true } });
    revision += 1;
    return performance.now() - begun;
  };
  const goOn = async (taken: number[], { signal }: AbortController): Promise<void> => {
    while (!signal.aborted) {
      taken.push(await write());
      await sleep(PAUSE_MS);
    }
  };
  return {
    watch: () => {
      const taken: number[] = [];
      const ending = new AbortController();
      const going = goOn(taken, ending);
      return async () => {
        ending.abort();
        await going;
        return taken;
      };
    },
    stop: () => connection.close(),
  };
}
