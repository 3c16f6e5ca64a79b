import assert from 'node:assert/strict';
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

  for (const [name, jump] of [
    ['forwards', '2026-03-29T01:00:00.000Z'],
    ['back', '2026-10-25T01:00:00.000Z'],
  ] as const)
    it(`is neither skipped nor doubled where the local clock jumps ${name} for daylight saving`, async () => {
      const zone = process.env['TZ'];
      process.env['TZ'] = 'Europe/Berlin';
      shift = Date.parse(jump) - 1_500 - RealDate.now();
      const seconds: number[] = [];
      let atJump = 0;
      const logger = createLogger({ service: 'test', level: 'silent' });
      const noteSecond = () => Promise.resolve(void seconds.push(Math.round(Date.now() / 1_000)));
      const parts = [
        schedulePart({ name: 'each second', cron: '* * * * * *', run: noteSecond, logger }),
        schedulePart({ name: 'one a.m.', cron: '0 0 1 * * *', run: () => Promise.resolve(void (atJump += 1)), logger }),
      ];
      try {
        assert.notEqual(new Date(Date.parse(jump) - 1).getTimezoneOffset(), new Date(jump).getTimezoneOffset());
        for (const part of parts) await part.start();
        const isPast = () => seconds.filter((second) => second * 1_000 >= Date.parse(jump)).length >= 3;
        await eventually(isPast, { within: 10_000, what: 'three runs behind the jump' });
        assert.equal(atJump, 1);
        assert.deepEqual(
          seconds,
          seconds.map((_, index) => (seconds[0] ?? 0) + index),
        );
      } finally {
        for (const part of parts) await part.stop();
        if (zone === undefined) delete process.env['TZ'];
        else process.env['TZ'] = zone;
      }
    });
});
