import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { isFailure } from '@muster/contracts';
import { createCoalescer } from './coalescer.js';

type Sent = { items: readonly string[]; succeed: () => void; fail: (error: Error) => void };
type Timer = { run: () => void; cancelled: boolean };

/** A coalescer whose sends and timers the test ends by hand. */
function setup({ maxWaitingBytes = 1_000, maxBatchBytes = 1_000 } = {}) {
  const sent: Sent[] = [];
  const timers: Timer[] = [];
  const log = createCoalescer<string>({
    ready: () => Promise.resolve(),
    send: (items) =>
      new Promise<void>((resolve, reject) => void sent.push({ items, succeed: () => resolve(), fail: reject })),
    maxWaitingBytes,
    maxBatchBytes,
    after: (_ms, run) => {
      const timer = { run, cancelled: false };
      timers.push(timer);
      return () => (timer.cancelled = true);
    },
  });
  const add = (...items: string[]) =>
    log.add(
      items.map((item) => ({ item, bytes: 10 })),
      2_000,
    );
  return { log, sent, timers, add };
}
const codeOf = (error: unknown): string => (isFailure(error) && error.retryable ? error.code : String(error));

describe('createCoalescer', () => {
  it('sends a lone item at once, and what comes meanwhile together in the next', async () => {
    const { sent, add } = setup();
    const first = add('a');
    await turn();
    const others = [add('b'), add('c', 'd')];
    await turn();
    assert.deepEqual(
      sent.map(({ items }) => items),
      [['a']],
    );
    sent[0]?.succeed();
    await first;
    await turn();
    assert.deepEqual(sent[1]?.items, ['b', 'c', 'd']);
    sent[1].succeed();
    await Promise.all(others);
  });

  it('sends what is added right behind an acknowledgement, however few turns lie between', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const { sent, add } = setup();
      const first = add('a');
      await turn();
      let second: Promise<void> | undefined;
      const addLater = async (): Promise<void> => {
        await first;
        for (let waited = 0; waited < turns; waited += 1) await Promise.resolve();
        second = add('b');
      };
      const adding = addLater();
      sent[0]?.succeed();
      await adding;
      await turn();
      assert.deepEqual(sent[1]?.items, ['b'], `${turns} turns behind`);
      sent[1].succeed();
      await second;
    }
  });

  it('rejects only those whose items were in the failed send', async () => {
    const { sent, add } = setup();
    const first = add('a');
    await turn();
    const second = add('b');
    sent[0]?.fail(new Error('lost'));
    await assert.rejects(first, /lost/);
    await turn();
    sent[1]?.succeed();
    await second;
  });

  it('splits what is over the batch limit, and settles its waiter when the last part is sent', async () => {
    const { sent, add } = setup({ maxBatchBytes: 20 });
    let settled = false;
    const adding = add('a', 'b', 'c').then(() => (settled = true));
    await turn();
    assert.deepEqual(sent[0]?.items, ['a', 'b']);
    sent[0].succeed();
    await turn();
    assert.equal(settled, false);
    assert.deepEqual(sent[1]?.items, ['c']);
    sent[1].succeed();
    await adding;
  });

  it('refuses what goes over the byte cap, and takes again when there is room', async () => {
    const { sent, add, log } = setup({ maxWaitingBytes: 20 });
    const first = add('a', 'b');
    await assert.rejects(add('c'), (error) => codeOf(error) === 'log.overloaded');
    await turn();
    sent[0]?.succeed();
    await first;
    assert.equal(log.waitingBytes(), 0);
    const third = add('c');
    await turn();
    sent[1]?.succeed();
    await third;
  });

  it('rejects at the deadline, and does not send what its waiter gave up', async () => {
    const { sent, timers, add, log } = setup();
    const first = add('a');
    await turn();
    const second = add('b');
    const third = add('c');
    timers[1]?.run();
    await assert.rejects(second, (error) => codeOf(error) === 'log.unavailable');
    timers[0]?.run();
    await assert.rejects(first, (error) => codeOf(error) === 'log.unavailable');
    sent[0]?.succeed();
    await turn();
    assert.deepEqual(sent[1]?.items, ['c']);
    sent[1].succeed();
    await third;
    assert.equal(log.waitingBytes(), 0);
    assert.ok(timers[2]?.cancelled);
  });

  it('is idle when all are settled and nothing is under way', async () => {
    const { sent, timers, add, log } = setup();
    await log.idle();
    const adding = add('a');
    let idle = false;
    const waiting = log.idle().then(() => (idle = true));
    await turn();
    timers[0]?.run();
    await assert.rejects(adding);
    await turn();
    assert.equal(idle, false, 'the send is still under way');
    sent[0]?.succeed();
    await waiting;
  });

  it('rejects everybody when it is abandoned', async () => {
    const { add, log } = setup();
    const adding = Promise.allSettled([add('a'), add('b')]);
    log.abandon(new Error('stopped'));
    assert.deepEqual(
      (await adding).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  });

  it('settles each waiter exactly once, keeps the order, never sends twice or two at a time, whatever happens', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), size: fc.integer({ min: 1, max: 4 }) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('succeed' as const, 'fail' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), index: fc.nat(40) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { log, sent, timers, add } = setup({ maxWaitingBytes: 200, maxBatchBytes: 30 });
        const settlements: number[] = [];
        const outcomes: Promise<unknown>[] = [];
        const kept = new Set<string>();
        let ended = 0;
        let made = 0;
        const endSend = (kind: 'succeed' | 'fail'): void => {
          const current = sent[ended];
          if (!current) return;
          ended += 1;
          if (kind === 'fail') current.fail(new Error('lost'));
          else current.succeed();
          if (kind === 'succeed') for (const item of current.items) kept.add(item);
        };
        for (const event of steps) {
          if (event.kind === 'add') {
            const items = Array.from({ length: event.size }, () => String((made += 1)).padStart(4, '0'));
            const index = settlements.push(0) - 1;
            const count = (): number => (settlements[index]! += 1);
            outcomes.push(
              add(...items).then(() => {
                count();
                for (const item of items) assert.ok(kept.has(item), 'resolved means sent');
              }, count),
            );
          } else if (event.kind === 'expire') {
            const timer = timers[event.index];
            if (timer && !timer.cancelled) timer.run();
          } else if (event.kind === 'turn') await turn();
          else endSend(event.kind);
          assert.ok(sent.length - ended <= 1, 'one send at a time');
          assert.ok(log.waitingBytes() >= 0 && log.waitingBytes() <= 200);
        }
        while (log.waitingBytes() > 0) {
          await turn();
          endSend('succeed');
        }
        await Promise.all(outcomes);
        const all = sent.flatMap(({ items }) => items);
        assert.deepEqual(all, [...new Set(all)].sort());
        assert.ok(settlements.every((count) => count === 1));
        await log.idle();
      }),
    );
  });

  it('settles each waiter exactly once, and forgets none, in whichever order sends, deadlines and callers run', async () => {
    // Each caller adds its next items right behind the settlement of those before, some turns later.
    const call = fc.record({
      size: fc.integer({ min: 1, max: 4 }),
      turns: fc.nat(4),
      // Only the impatient have a deadline, so that a wake-up that is lost leaves somebody waiting for ever.
      impatient: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
    });
    const callers = fc.array(fc.array(call, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });
    const fails = fc.infiniteStream(fc.integer({ min: 0, max: 5 }).map((chance) => chance === 0));
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), callers, fails, async (scheduler, lives, failing) => {
        let underWay = 0;
        let patient = true;
        const sent = new Set<string>();
        const log = createCoalescer<string>({
          ready: () => scheduler.schedule(Promise.resolve(), 'ready'),
          send: async (items) => {
            underWay += 1;
            assert.equal(underWay, 1, 'one send at a time');
            await scheduler.schedule(Promise.resolve(), 'send');
            underWay -= 1;
            if (failing.next().value) throw new Error('lost');
            for (const item of items) {
              assert.ok(!sent.has(item), 'nothing twice');
              sent.add(item);
            }
          },
          maxWaitingBytes: 1_000,
          maxBatchBytes: 30,
          after: (_ms, run) => {
            let cancelled = patient;
            void scheduler.schedule(Promise.resolve(), 'deadline').then(() => !cancelled && run());
            return () => (cancelled = true);
          },
        });
        const settlements: number[] = [];
        const live = async (calls: (typeof lives)[number], caller: number): Promise<void> => {
          for (const [index, { size, turns, impatient }] of calls.entries()) {
            for (let waited = 0; waited < turns; waited += 1) await Promise.resolve();
            const items = Array.from({ length: size }, (_, item) => `${caller}/${index}/${item}`);
            const own = settlements.push(0) - 1;
            patient = !impatient;
            const adding = log.add(
              items.map((item) => ({ item, bytes: 10 })),
              2_000,
            );
            const count = (): number => (settlements[own]! += 1);
            await adding.then(() => {
              count();
              for (const item of items) assert.ok(sent.has(item), 'resolved means sent');
            }, count);
          }
        };
        let ended = 0;
        const lived = lives.map((calls, caller) => live(calls, caller).then(() => (ended += 1)));
        await scheduler.waitIdle();
        assert.equal(ended, lives.length, 'nobody waits for ever');
        await Promise.all([...lived, log.idle()]);
        assert.equal(log.waitingBytes(), 0);
        assert.deepEqual(new Set(settlements), new Set([1]));
      }),
      { numRuns: 1_000 },
    );
  });
});
