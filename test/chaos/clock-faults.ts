import { eventually } from '@muster/test-support';
import { last, type Fault, type Scene } from './fault.js';

const HOUR = 3_600_000;

const namesTheClock = ({ system }: Scene, wrong: RegExp): Promise<unknown> =>
  eventually(async () => wrong.test(await (await fetch(`${system.origins.projector}/readyz`)).text()), {
    within: 30_000,
    every: 100,
    what: 'the projector names the clock',
  });

async function setWrong(scene: Scene): Promise<void> {
  const { system, clocks, random } = scene;
  for (const shift of [HOUR, -HOUR]) {
    clocks.set(shift);
    await namesTheClock(scene, shift > 0 ? /clock is .* ahead/ : /clock is .* behind/);
    await last(random.between(2_000, 5_000));
  }
  clocks.set(0);
  await eventually(() => system.isReady('projector'), { within: 60_000, every: 100, what: 'the projector is ready' });
}

export const CLOCK_FAULTS: readonly Fault[] = [
  { row: 'clocks: an hour ahead, then set back by two hours, then right', strike: setWrong },
];
