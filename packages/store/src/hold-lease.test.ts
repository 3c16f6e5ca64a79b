import assert from 'node:assert/strict';
import { once } from 'node:events';
import { eventually } from '@muster/test-support';
import type { LeasesStore } from './store.js';
import { holdLease } from './hold-lease.js';

/** Answers in turn to `acquire`, `never` not at all; the last answer stays. */
const leasesThat = (...answers: (boolean | Error | 'never')[]) => {
  const released: string[] = [];
  let asked = 0;
  const leases: LeasesStore = {
    acquire: () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer === 'never') return new Promise(() => undefined);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer === true);
    },
    release: (name) => Promise.resolve(void released.push(name)),
  };
  return { leases, released, asked: () => asked };
};
const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};
const options = (leases: LeasesStore, forMs = 30, signal = new AbortController().signal) => ({
  leases,
  name: 'l',
  holder: 'me',
  forMs,
  signal,
});

describe('holdLease', () => {
  it('works under the lease and releases it, also after a failure', async () => {
    const { leases, released } = leasesThat(true);
    assert.equal(await holdLease(options(leases), () => Promise.resolve()), true);
    await assert.rejects(
      holdLease(options(leases), () => Promise.reject(new Error('cut'))),
      /cut/,
    );
    assert.deepEqual(released, ['l', 'l']);
  });

  it('does not work while another copy holds it', async () => {
    const { leases, released } = leasesThat(false);
    let worked = false;
    const held = await holdLease(options(leases), () => {
      worked = true;
      return Promise.resolve();
    });
    assert.deepEqual([held, worked, released], [false, false, []]);
  });

  it('tells the work when another copy took it over, and does not release what is not ours', async () => {
    const { leases, released } = leasesThat(true, true, false);
    await holdLease(options(leases), async (signal) => {
      await aborted(signal);
      assert.equal((signal.reason as { code: string }).code, 'lease.lost');
    });
    assert.deepEqual(released, []);
  });

  for (const answer of [new Error('away'), 'never'] as const)
    it(`tells the work before the lease runs out while the store ${answer === 'never' ? 'does not answer' : 'refuses'}`, async () => {
      const { leases, asked } = leasesThat(true, answer);
      const began = performance.now();
      await holdLease(options(leases, 600), aborted);
      assert.ok(performance.now() - began < 600, 'later than the lease');
      assert.ok(asked() >= 2);
    });

  it('keeps the lease through a renewal that is never answered, when the next one is', async () => {
    const { leases, asked, released } = leasesThat(true, 'never', true);
    await holdLease(options(leases, 600), async (signal) => {
      await eventually(() => asked() >= 5, { every: 5 });
      assert.equal(signal.aborted, false);
    });
    assert.deepEqual(released, ['l']);
  });

  it('leaves the next hold of the same copy alone when an earlier renewal is answered late', async () => {
    const holders = new Map<string, string>();
    const late: (() => void)[] = [];
    let asked = 0;
    const leases: LeasesStore = {
      acquire: async (name, holder) => {
        // The first renewal hangs until the next hold has begun.
        if ((asked += 1) === 2) await new Promise<void>((resolve) => late.push(resolve));
        if ((holders.get(name) ?? holder) !== holder) return false;
        holders.set(name, holder);
        return true;
      },
      release: (name, holder) => {
        if (holders.get(name) === holder) holders.delete(name);
        return Promise.resolve();
      },
    };
    await holdLease(options(leases, 600), () => eventually(() => late.length > 0, { every: 5 }).then(() => undefined));
    await holdLease(options(leases, 30_000), async () => {
      late[0]?.();
      await new Promise(setImmediate);
      assert.equal(await leases.acquire('l', 'a stranger', 1), false);
    });
    assert.equal(holders.size, 0);
  });

  it('releases what it could not release at once, and what it may have without having heard so', async () => {
    const { leases, released } = leasesThat(true, new Error('not heard'));
    let failures = 1;
    const release: LeasesStore['release'] = (name, holder) =>
      failures-- > 0 ? Promise.reject(new Error('away')) : leases.release(name, holder);
    await holdLease(options({ ...leases, release }, 30_000), () => Promise.resolve());
    assert.deepEqual(released, []);
    await eventually(() => released.length === 1, { every: 50, what: 'a lease that was kept is released' });
    await assert.rejects(
      holdLease(options(leases), () => assert.fail('works')),
      /not heard/,
    );
    assert.equal(released.length, 2);
  });

  it('tells the work that the service stops', async () => {
    const { leases, released } = leasesThat(true);
    const stopping = new AbortController();
    const held = holdLease(options(leases, 30_000, stopping.signal), aborted);
    stopping.abort(new Error('stop'));
    assert.equal(await held, true);
    assert.deepEqual(released, ['l']);
  });
});
