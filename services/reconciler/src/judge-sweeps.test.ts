import assert from 'node:assert/strict';
import type { SweepRecord } from '@muster/contracts';
import { judgeEarlier } from './sweep-once.js';
import type { SweepRun } from './sweep-run.js';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const sweep: SweepRecord = {
  sweepId: 'sweep',
  integrationId: 'integration',
  tenantId: 'tenant',
  from: at(0),
  to: at(10),
  state: 'covered',
  rows: 1,
  announced: 0,
  found: 1,
  lost: 0,
  worstDelayMs: 0,
  suspects: [{ userId: 'person', observedAt: at(10) }],
  judgedAt: null,
};

describe('judgeEarlier', () => {
  const judge = async (
    handledUntil: string,
    { named = [], takenAt = at(20) }: { named?: readonly string[]; takenAt?: string } = {},
  ): Promise<SweepRecord[]> => {
    const saved: SweepRecord[] = [];
    const run = {
      settings: sweep,
      now: () => new Date(at(300)),
      tries: <T>(work: () => Promise<T>) => work(),
      deps: {
        lostAfter: 5_000,
        handledUntil: () => Promise.resolve(new Date(handledUntil)),
        sweepMetrics: { judged: () => undefined },
      },
      logger: { warn: () => undefined },
      store: {
        coverage: {
          unjudged: () => Promise.resolve([sweep]),
          save: (record: SweepRecord) => Promise.resolve(void saved.push(record)),
        },
        users: { load: () => Promise.resolve(new Map()) },
        announced: { since: () => Promise.resolve(new Set(named)) },
      },
    };
    await judgeEarlier(run as unknown as SweepRun, takenAt);
    return saved;
  };

  it('calls nobody lost while notifications of that time still wait in the log', async () => {
    assert.deepEqual(await judge(at(14)), []);
    const [judged] = await judge(at(15));
    assert.deepEqual([judged?.lost, judged?.announced], [1, 0]);
  });

  it('leaves the newest sweep to the next one, which asks whom it found', async () => {
    assert.deepEqual(await judge(at(15), { takenAt: sweep.to }), []);
  });

  it('counts who was announced and left to the sweep as announced', async () => {
    const [judged] = await judge(at(15), { named: ['person'] });
    assert.deepEqual([judged?.lost, judged?.announced], [0, 1]);
  });
});
