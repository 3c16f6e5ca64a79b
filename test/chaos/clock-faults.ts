import { eventually } from '@muster/test-support';
import mongoose from 'mongoose';
import { last, type Fault, type Scene } from './fault.js';

const HOUR = 3_600_000;

const namesTheClock = ({ system }: Scene, wrong: RegExp): Promise<unknown> =>
  eventually(async () => wrong.test(await (await fetch(`${system.origins.projector}/readyz`)).text()), {
    within: 30_000,
    every: 100,
    what: 'the projector names the clock',
  });

/**
 * A lease that was taken an hour ahead lasts that hour unless its holder lives on and renews it or gives it back: until
 * then nobody is to be killed. That of a settle pass has no holder: no copy asks for one more before the hour is over.
 */
async function leasesAreOfThisTime({ system }: Scene): Promise<void> {
  const connection = await mongoose.createConnection(system.mongodbUri).asPromise();
  const ahead = { expiresAt: { $gt: new Date(Date.now() + HOUR / 2) }, _id: { $not: /^settle\// } };
  const leases = connection.collection<{ _id: string }>('leases');
  await eventually(
    async () => {
      const left = await leases.find(ahead).toArray();
      if (left.length > 0) throw new Error(left.map(({ _id }) => _id).join(', '));
      return true;
    },
    { within: 90_000, every: 500, what: 'no lease is of a time to come' },
  ).finally(() => connection.close());
}

async function setWrong(scene: Scene): Promise<void> {
  const { system, clocks, random } = scene;
  for (const shift of [HOUR, -HOUR]) {
    clocks.set(shift);
    await namesTheClock(scene, shift > 0 ? /clock is .* ahead/ : /clock is .* behind/);
    await last(random.between(2_000, 5_000));
  }
  clocks.set(0);
  await eventually(() => system.isReady('projector'), { within: 60_000, every: 100, what: 'the projector is ready' });
  await leasesAreOfThisTime(scene);
}

export const CLOCK_FAULTS: readonly Fault[] = [
  { row: 'clocks: an hour ahead, then set back by two hours, then right', strike: setWrong },
];
