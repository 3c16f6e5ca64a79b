// For the bench (R6): what changes cost in resource units of Graph; prints a line of JSON. units.int.test.ts demands the same.
import { randomUUID } from 'node:crypto';
import { createResources } from '@muster/test-support';
import { readsOfRepeats, unitsOfBurst, unitsOfSingleChanges } from './measure-units.js';
import { createWorld, type World } from './world.js';

const { KAFKA_BROKERS: kafkaBrokers = '', MONGODB_URI: server = '', CHANGES = '10000' } = process.env;

async function inWorld<T>(label: string, burstPeople: number, work: (world: World) => Promise<T>): Promise<T> {
  const { prefix, mongodbUri } = createResources(label, server);
  const world = await createWorld({ kafkaBrokers, mongodbUri, prefix, burstPeople });
  try {
    return await work(world);
  } finally {
    await world.stop();
  }
}

const BURST_PEOPLE = 60;
const single = await inWorld('units single', BURST_PEOPLE, async (world) => {
  await world.startProjector();
  return {
    withoutGroup: await unitsOfSingleChanges(world, null),
    withGroup: await unitsOfSingleChanges(world, randomUUID()),
  };
});
const burst = await inWorld('units burst', BURST_PEOPLE, async (world) => {
  await world.startProjector();
  return unitsOfBurst(world, Number(CHANGES));
});
const repeats = await inWorld('units repeated', 100_000, (world) => readsOfRepeats(world));
console.log(JSON.stringify({ single, burst, repeats }));
process.exit();
