import assert from 'node:assert/strict';
import mongoose from 'mongoose';
import { deadLetter } from '@muster/contracts';
import { SERVICES } from '@muster/scripts';
import { eventually } from '@muster/test-support';
import { replacePort } from './chaos-system.js';
import { last, type Fault, type Scene } from './fault.js';
import { DISK_FULL, readOnly, type Refusal } from './refuse-writes.js';
import { parseJson, POISON } from './watch-log.js';

/** Letters that no fault of the log wrote: whoever cannot write has to wait, and puts nothing aside. */
async function assertNothingPutAside({ system }: Scene): Promise<void> {
  const newest = await system.eventLog.readNewest('deadLetters', 300);
  const letters = newest.map(({ value }) => deadLetter.parse(parseJson(value)));
  const strangers = letters.filter(({ origin }) => !origin.key?.startsWith(POISON));
  assert.deepEqual(
    strangers.map(({ origin, reason }) => `${origin.topic} ${origin.key}: ${reason.code}`),
    [],
  );
}

async function whileRefused({ refusals }: Scene, refusal: Refusal, during: () => Promise<void>): Promise<void> {
  refusals.set(refusal);
  await during().finally(() => refusals.set(undefined));
}

/** The services' way to the database takes no writes; they wait, none of them ends of it. */
async function refuseWrites(scene: Scene, toRefusal: (topologyVersion: unknown) => Refusal): Promise<void> {
  const { system, network, refusals, random } = scene;
  const client = new mongoose.mongo.MongoClient(replacePort(system.mongodbUri, network.mongo.port));
  const own = client.db().collection('chaos');
  const pids = () => Object.fromEntries(SERVICES.map((service) => [service, system.pidOf(service)]));
  // Who is only just started, for another reason, cannot make sure of its indexes now, and is started again.
  for (const service of SERVICES)
    await eventually(() => system.isReady(service), { within: 120_000, every: 250, what: `${service} is ready` });
  const before = pids();
  try {
    const hello = await client.db().admin().command({ hello: 1 });
    const refusal = toRefusal(hello.topologyVersion);
    const { code } = refusal.error;
    await whileRefused(scene, refusal, async () => {
      await assert.rejects(own.insertOne({}), { code });
      assert.equal(await own.findOne(), null);
      const count = refusals.count();
      await last(random.between(3_000, 8_000));
      assert.ok(refusals.count() > count, 'no service has written meanwhile');
      await assert.rejects(own.insertOne({}), { code });
    });
    await own.deleteOne({ _id: new mongoose.mongo.BSON.ObjectId() });
  } finally {
    await client.close();
  }
  assert.deepEqual(pids(), before, 'a service has ended');
  await assertNothingPutAside(scene);
}

export const DATABASE_FAULTS: readonly Fault[] = [
  { row: 'MongoDB: read-only', strike: (scene) => refuseWrites(scene, readOnly) },
  { row: 'MongoDB: its disk is full', strike: (scene) => refuseWrites(scene, () => DISK_FULL) },
];
