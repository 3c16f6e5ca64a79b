import assert from 'node:assert/strict';
import type { DirectoryChange } from '@muster/contracts';
import { createLogger, createMetrics } from '@muster/telemetry';
import { createLeftovers } from './leftovers.js';
import { createProjectorMetrics } from './projector-metrics.js';

const began = Date.parse('2026-03-01T08:00:00.000Z');

/** Changes that wait, by id, with when they were decided; `passMs`: how long ago the test begins to look. */
function setUp(decided: Record<string, number>, passMs: number) {
  const waiting = new Map(Object.entries(decided));
  const told: string[] = [];
  const toChange = (at: number) =>
    ({ time: new Date(began + at).toISOString(), data: { revision: 1 } }) as DirectoryChange;
  const collection = (prefix: string) => ({
    leftovers: (limit: number) =>
      Promise.resolve(
        [...waiting]
          .filter(([id]) => id.startsWith(prefix))
          .toSorted(([, one], [, other]) => one - other)
          .slice(0, limit)
          .map(([id, at]) => ({ id, pending: toChange(at) })),
      ),
    published: (changes: readonly { id: string }[]) => {
      for (const { id } of changes) waiting.delete(id);
      return Promise.resolve();
    },
  });
  const leftovers = createLeftovers({
    store: { users: collection('u'), mfa: collection('m') },
    publisher: { publish: (events) => Promise.resolve(void told.push(...events.map(({ key }) => String(key)))) },
    metrics: createProjectorMetrics(createMetrics({ service: 'leftovers-test' })),
    logger: createLogger({ service: 'leftovers-test', level: 'silent' }),
    now: () => new Date(began + passMs),
  });
  return { leftovers, told, waiting };
}

describe('changes of which nobody knows whether they were told', () => {
  it('are told once they have waited for half a minute', async () => {
    const { leftovers, told, waiting } = setUp({ u1: 0, u2: 25_000, m1: -5_000, m2: 29_999 }, 30_000);
    await leftovers.tellLate();
    assert.deepEqual(told, ['u1', 'm1']);
    assert.deepEqual([...waiting.keys()], ['u2', 'm2']);
    await leftovers.tellLate();
    assert.deepEqual(told, ['u1', 'm1']);
  });

  it('are told, too, when they were decided at a time to come, before the clock was set back', async () => {
    const { leftovers, told } = setUp({ u1: 3_600_000 }, 0);
    await leftovers.tellLate();
    assert.deepEqual(told, ['u1']);
  });

  it('of an earlier life are all told, however many', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_201 }, (_, at) => [`u${at}`, at]));
    const { leftovers, told } = setUp(many, 0);
    await leftovers.tellAll();
    assert.equal(told.length, 1_201);
  });
});
