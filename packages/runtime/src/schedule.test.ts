import { createLogger } from '@muster/telemetry';
import { eventually } from '@muster/test-support';
import { schedulePart } from './schedule.js';

const HOUR = 3_600_000;

describe('what a cron expression runs', () => {
  const RealDate = Date;
  let shift = 0;
  before(() => {
    globalThis.Date = new Proxy(RealDate, {
      construct: (target, args: unknown[]) =>
        Reflect.construct(target, args.length > 0 ? args : [RealDate.now() + shift]),
      get: (target, property) =>
        property === 'now' ? () => RealDate.now() + shift : (Reflect.get(target, property) as unknown),
    });
  });
  after(() => {
    globalThis.Date = RealDate;
  });

  it('goes on at once when the clock was an hour ahead and is set right', async () => {
    let runs = 0;
    shift = HOUR;
    const part = schedulePart({
      ...{ name: 'each second', cron: '* * * * * *', run: () => Promise.resolve(void (runs += 1)) },
      logger: createLogger({ service: 'test', level: 'silent' }),
    });
    await part.start();
    try {
      await eventually(() => runs > 0, { within: 5_000, what: 'a run' });
      shift = 0;
      const before = runs;
      await eventually(() => runs > before + 1, { within: 10_000, what: 'runs after the clock was set back' });
    } finally {
      await part.stop();
    }
  });
});
