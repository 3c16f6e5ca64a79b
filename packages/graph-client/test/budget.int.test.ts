import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createSimulator, type Simulator } from '@muster/graph-simulator';
import { createLogger, createMetrics } from '@muster/telemetry';
import { testServers } from '@muster/test-support';
import { createGraphFactory, type Graph } from '../src/index.js';
import { collectPages } from './collect.js';

const SECONDS = 12;

/** The simulator throttles as Graph does: by resource units of app and tenant, in windows of 10 s. */
describe('the budget against Graph’s throttling', () => {
  let simulator: Simulator;
  let connect: (share: number) => { graph: Graph; throttled: () => Promise<number> };
  let ids: string[];
  let groupId: string;
  before(async () => {
    const { tlsCertFile, tlsKeyFile } = testServers();
    simulator = await createSimulator({
      tls: { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') },
    });
    const origin = await simulator.start();
    const { tenant } = simulator.control.createTenant({ people: 40, groupMembers: 20, disabled: 0 });
    const { tenantId, clientId, clientSecret } = tenant;
    groupId = tenant.groupId;
    ids = simulator.control
      .truth(tenantId)
      .users.map(({ id }) => id)
      .slice(0, 20);
    connect = (share) => {
      const metrics = createMetrics({ service: 'graph-client' });
      const logger = createLogger({ service: 'graph-client', level: 'silent' });
      const credentials = { tenantId, clientId, clientSecret: clientSecret ?? '', graphUrl: origin, loginUrl: origin };
      const throttled = async (): Promise<number> =>
        [...(await metrics.text()).matchAll(/^muster_graph_throttled_total\{.*\} (\d+)$/gm)].reduce(
          (all, [, count]) => all + Number(count),
          0,
        );
      return { graph: createGraphFactory({ logger, metrics, share })(credentials), throttled };
    };
  });
  after(() => simulator.stop());

  /** Asks as fast as it may; answers the resource units that were used, 5 a person. */
  const hammer = async (graph: Graph, until: number): Promise<number> => {
    let units = 0;
    while (performance.now() < until) {
      const read = await graph.readUsers(ids, { groupId });
      units += read.filter(({ found }) => found === 'yes').length * 5;
    }
    return units;
  };

  it('three services that read as fast as they may are never throttled, and use what is theirs', async () => {
    const services = [0.35, 0.4, 0.05].map((share) => ({ share, ...connect(share) }));
    const until = performance.now() + SECONDS * 1_000;
    const [used, report] = await Promise.all([
      Promise.all(services.map(({ graph }) => hammer(graph, until))),
      readReport(),
    ]);
    assert.deepEqual(await Promise.all(services.map(({ throttled }) => throttled())), [0, 0, 0]);
    for (const [index, { share }] of services.entries()) {
      const part = (3_500 * share * SECONDS) / 10;
      assert.ok(used[index]! >= part * 0.6, `${used[index]} of ${part} units`);
    }
    // Beside them, from a bucket of its own: all five calls of each window, and none is refused.
    assert.ok(report.pages >= 8, `${report.pages} pages are no two windows`);
    assert.equal(report.throttled, 0);
  }).timeout(60_000);

  async function readReport(): Promise<{ pages: number; throttled: number }> {
    const { graph, throttled } = connect(1);
    const pages = await collectPages(graph.mfaPages({ pageSize: 5 }));
    return { pages: pages.length, throttled: await throttled() };
  }
});
