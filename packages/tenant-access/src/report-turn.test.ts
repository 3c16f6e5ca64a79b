import assert from 'node:assert/strict';
import { createReportTurn } from './report-turn.js';

const WINDOW_MS = 10_000;

/** Leases, and a clock that waits move; the promises of the store in memory. */
function createBench() {
  const clock = { now: 0 };
  const leases = new Map<string, { holder: string; until: number }>();
  const calls: number[] = [];
  const turnOf = (holder: string) =>
    createReportTurn({
      name: 'tenant/app',
      holder,
      now: () => clock.now,
      wait: (ms) => Promise.resolve(void (clock.now += ms)),
      leases: {
        acquire: (name, who, forMs) => {
          const lease = leases.get(name);
          if (lease && lease.holder !== who && lease.until > clock.now) return Promise.resolve(false);
          leases.set(name, { holder: who, until: clock.now + forMs });
          return Promise.resolve(true);
        },
      },
    });
  return { clock, calls, turnOf };
}

describe('turns at the MFA report', () => {
  it('leaves the report to a full read; a single row of another service is refused at once', async () => {
    const { clock, turnOf } = createBench();
    const [reconciler, projector] = [turnOf('reconciler'), turnOf('projector')];
    for (let page = 0; page < 10; page += 1) {
      await reconciler('full');
      await assert.rejects(projector('events'), { code: 'graph.throttled', retryable: true });
      clock.now += 2_040;
    }
  });

  it('begins a full read only when every call of others has left the window', async () => {
    const { clock, turnOf } = createBench();
    const [reconciler, projector] = [turnOf('reconciler'), turnOf('projector')];
    await projector('events');
    clock.now += 3_000;
    await projector('events');
    const last = clock.now;
    await reconciler('full');
    assert.ok(clock.now - last >= WINDOW_MS, `${clock.now - last} ms`);
    assert.ok(clock.now - last <= WINDOW_MS + 500, `${clock.now - last} ms`);
  });

  it('does not let single rows keep a full read waiting for ever', async () => {
    const { clock, turnOf } = createBench();
    const projector = turnOf('projector');
    let held = 0;
    for (; held < 100; held += 1) {
      const went = await projector('events').then(
        () => true,
        () => false,
      );
      if (!went) break;
      clock.now += 500;
    }
    assert.ok(held <= 22, `${held} rows in one turn`);
    await turnOf('reconciler')('full');
    await assert.rejects(projector('events'), { code: 'graph.throttled' });
  });

  it('is taken over from a process that died', async () => {
    const { clock, turnOf } = createBench();
    await turnOf('dead')('full');
    await turnOf('other')('full');
    assert.ok(clock.now >= WINDOW_MS && clock.now < WINDOW_MS + 500);
  });
});
