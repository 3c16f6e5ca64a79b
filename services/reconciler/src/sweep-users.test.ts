import assert from 'node:assert/strict';
import type { CursorRecord } from '@muster/contracts';
import type { SweepRun } from './sweep-run.js';
import { sweepUsers } from './sweep-users.js';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const cursor = {
  links: [{ deltaLink: 'from', groupIds: [] }],
  takenAt: at(0),
  baselineEndedAt: null,
} as unknown as CursorRecord;

describe('sweepUsers', () => {
  it('has seen everything until its first page: what changes meanwhile is judged by the next sweep', async () => {
    const page = { rows: [], malformed: 0, nextLink: null };
    const run = {
      settings: {},
      now: () => new Date(at(30)),
      underWay: <T>(work: Promise<T>) => work,
      addMalformed: () => undefined,
      tries: <T>(work: () => Promise<T>) => work(),
      newId: () => 'id',
      deps: { sweepMetrics: { rows: () => undefined }, newId: () => 'id' },
      store: {
        coverage: { unjudged: () => Promise.resolve([]) },
        leases: { acquire: () => Promise.resolve(true), release: () => Promise.resolve() },
        plans: { list: () => Promise.resolve([]) },
      },
      graph: () => ({
        clockSkewMs: () => 2_000,
        userDeltaPages: async function* () {
          yield await Promise.resolve({ ...page, deltaLink: null, observedAt: at(10) });
          yield await Promise.resolve({ ...page, deltaLink: 'next', observedAt: at(20) });
        },
      }),
    };
    const swept = await sweepUsers(run as unknown as SweepRun, cursor);
    assert.deepEqual([swept.takenAt, swept.links[0]?.deltaLink], [at(10), 'next']);
    assert.equal(swept.readUntil, at(28), "by Graph's clock");
  });
});
