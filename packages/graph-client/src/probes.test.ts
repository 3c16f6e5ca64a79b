import assert from 'node:assert/strict';
import { Failure } from '@muster/contracts';
import { probeReport, probeSubscription } from './probes.js';

const failing = (code: string) => new Failure(code, code, { retryable: false });
const reportOf = (...codes: (string | null)[]) => {
  let asked = 0;
  const mfaPages = async function* () {
    const code = codes[Math.min(asked, codes.length - 1)];
    asked += 1;
    await Promise.resolve();
    if (code != null) throw failing(code);
    yield { rows: [], malformed: 0, nextLink: null, observedAt: '2026-01-01T00:00:00.000Z' };
  };
  return { graph: { mfaPages }, asked: () => asked };
};
const quick = { wait: () => Promise.resolve() };
const AUDIT = ['AuditLog.Read.All'];

describe('probeReport', () => {
  it('believes that the licence is missing only when it is said three times in a row', async () => {
    const flaky = reportOf('graph.no-licence', 'graph.no-licence', null);
    assert.equal((await probeReport(flaky.graph, AUDIT, quick)).outcome, 'proved');
    const none = reportOf('graph.no-licence');
    const outcome = await probeReport(none.graph, AUDIT, quick);
    assert.ok(outcome.outcome === 'missing');
    assert.deepEqual([outcome.why, none.asked()], ['licence', 3]);
  });

  it('tells a missing directory role from a missing consent by what the token holds', async () => {
    const why = async (granted: string[]) => {
      const outcome = await probeReport(reportOf('graph.forbidden').graph, granted, quick);
      return outcome.outcome === 'missing' && outcome.why;
    };
    assert.deepEqual([await why(AUDIT), await why([])], ['directory-role', 'consent']);
  });

  it('proves nothing while Graph is away', async () => {
    assert.equal((await probeReport(reportOf('graph.unavailable').graph, AUDIT, quick)).outcome, 'unknown');
  });
});

describe('probeSubscription', () => {
  const wanted = {
    ...({
      entity: 'user',
      resource: '/users',
      notificationUrl: 'https://r',
      lifecycleNotificationUrl: 'https://r',
    } as const),
    ...{ clientState: 'c', expiresAt: '2026-01-02T00:00:00.000Z' },
  };
  const graphOf = (code: string | null) => {
    const deleted: string[] = [];
    const graph = {
      createSubscription: () =>
        code === null
          ? Promise.resolve({
              subscriptionId: 's',
              resource: '/users',
              changeType: '',
              notificationUrl: '',
              expiresAt: '',
            })
          : Promise.reject(failing(code)),
      deleteSubscription: (id: string) => Promise.resolve(void deleted.push(id)),
    };
    return { graph, deleted };
  };

  it('deletes what it made', async () => {
    const { graph, deleted } = graphOf(null);
    assert.equal((await probeSubscription(graph, wanted)).outcome, 'proved');
    assert.deepEqual(deleted, ['s']);
  });

  it('takes a slot that is held for a proof, and leaves the holder alone', async () => {
    const { graph, deleted } = graphOf('graph.conflict');
    assert.equal((await probeSubscription(graph, wanted)).outcome, 'proved');
    assert.deepEqual(deleted, []);
  });

  it('names a missing consent', async () => {
    const outcome = await probeSubscription(graphOf('graph.forbidden').graph, wanted);
    assert.ok(outcome.outcome === 'missing');
    assert.equal(outcome.why, 'consent');
  });
});
