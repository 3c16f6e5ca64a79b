import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { OutgoingEvent } from '@muster/event-log';
import { createSweeps } from './sweeps.js';

const tenant = { integrationId: randomUUID(), tenantId: randomUUID() };

/** Copies of the projector that share a clock, a log and leases. */
function createCopies(count: number, settleMs = 10_000) {
  const clock = { ms: 0 };
  const asked: string[] = [];
  const log = { isAway: false };
  let leasedUntil = Number.NEGATIVE_INFINITY;
  const options = {
    publisher: {
      publish: (events: readonly OutgoingEvent[]) => {
        if (log.isAway) return Promise.reject(new Error('Kafka is away'));
        for (const { value } of events) {
          const { reason } = value as { reason: string };
          asked.push(`${clock.ms / 1_000} s: ${reason}`);
        }
        return Promise.resolve();
      },
    },
    leases: {
      acquire: (_name: string, _holder: string, forMs: number) => {
        const isFree = clock.ms >= leasedUntil;
        if (isFree) leasedUntil = clock.ms + forMs;
        return Promise.resolve(isFree);
      },
    },
    now: () => new Date(clock.ms),
    settleMs,
  };
  const copies = Array.from({ length: count }, () => createSweeps(options));
  const runUntil = async (second: number): Promise<void> => {
    while (clock.ms < second * 1_000) {
      clock.ms += 1_000;
      for (const { flush } of copies) await (log.isAway ? assert.rejects(flush()) : flush());
    }
  };
  return { copies, asked, log, runUntil };
}

describe('sweeps that the projector asks for', () => {
  it('settle 10 s after notifications, once for all that came meanwhile', async () => {
    const { copies, asked, runUntil } = createCopies(1);
    copies[0]?.settle(tenant);
    await runUntil(5);
    copies[0]?.settle(tenant);
    await runUntil(30);
    assert.deepEqual(asked, ['10 s: settle pass after notifications']);
  });

  it('settle at most once in 10 s, whichever copy saw the notifications, and look after the last of them', async () => {
    const { copies, asked, runUntil } = createCopies(2);
    copies[0]?.settle(tenant);
    await runUntil(4);
    copies[1]?.settle(tenant);
    await runUntil(60);
    assert.deepEqual(asked, ['10 s: settle pass after notifications', '20 s: settle pass after notifications']);
  });

  it('never settle where the setting says so', async () => {
    const { copies, asked, runUntil } = createCopies(1, 0);
    copies[0]?.settle(tenant);
    await runUntil(30);
    assert.deepEqual(asked, []);
  });

  it('are asked for at once, and again after 10 s at the earliest', async () => {
    const { copies, asked, runUntil } = createCopies(1);
    await copies[0]?.request(tenant, 'first');
    await copies[0]?.request(tenant, 'second');
    await runUntil(30);
    assert.deepEqual(asked, ['0 s: first', '10 s: second']);
  });

  it('are asked for once Kafka is back, when it did not take them', async () => {
    const { copies, asked, log, runUntil } = createCopies(1);
    await copies[0]?.request(tenant, 'first');
    await copies[0]?.request(tenant, 'second');
    await runUntil(9);
    log.isAway = true;
    await runUntil(15);
    log.isAway = false;
    await runUntil(60);
    assert.deepEqual(asked, ['0 s: first', '16 s: second']);
  });

  it('settle once Kafka is back, when it did not take that', async () => {
    const { copies, asked, log, runUntil } = createCopies(1);
    copies[0]?.settle(tenant);
    await runUntil(9);
    log.isAway = true;
    await runUntil(15);
    log.isAway = false;
    await runUntil(60);
    assert.deepEqual(asked, ['16 s: settle pass after notifications']);
  });
});
