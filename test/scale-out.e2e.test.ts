import assert from 'node:assert/strict';
import { anyPort } from '@muster/scripts';
import { PROJECTOR_GROUPS } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import { findLost, readLedger } from './chaos/ledger.js';
import { findUntold, toEnd, type End } from './chaos/revision-chains.js';
import { readDocuments, toFeedKeys } from './chaos/watch-documents.js';
import { watchLog, type LogWatch } from './chaos/watch-log.js';
import { startBalancer, type Balancer } from './src/balance.js';
import { compareWithTruth } from './src/compare-with-truth.js';
import { connectTenant, type Connected } from './src/connect-tenant.js';
import { readCounter } from './src/read-counter.js';
import { startTestSystem, type System } from './src/system.js';

/** Notifications of the test, and the share of them that each copy has at the least. */
const ENOUGH = 300;
const LEAST_SHARE = 0.1;
const toSum = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
const readEach = (copies: readonly string[], counter: string, labels: Record<string, string>): Promise<number[]> =>
  Promise.all(copies.map((origin) => readCounter(origin, counter, labels)));

describe('several copies that share one topic', () => {
  let balancer: Balancer;
  let system: System;
  let connected: Connected;
  let watch: LogWatch;
  const origins = { receiver: [] as string[], projector: [] as string[] };

  before(async () => {
    balancer = await startBalancer();
    system = await startTestSystem({
      label: 'scale out',
      receiverOrigin: `https://localhost:${balancer.port}`,
      // However fast they come: what is shared is the reading of each, not one sweep for all.
      env: { BURST_PEOPLE: '100000' },
    });
    const port = await anyPort();
    const [receiver, ...projectors] = await Promise.all([
      system.startCopy('receiver', 'receiver-2', { port }),
      system.startCopy('projector', 'projector-2'),
      system.startCopy('projector', 'projector-3'),
    ]);
    balancer.add(Number(new URL(system.origins.receiver).port));
    balancer.add(port);
    origins.receiver = [system.origins.receiver, receiver];
    origins.projector = [system.origins.projector, ...projectors];
    watch = await watchLog(system.eventLog);
    connected = await connectTenant(system, { people: 120, groupMembers: 100, nestedGroups: 0 });
  });
  after(async () => {
    await watch.stop();
    await system.stop();
    await balancer.stop();
  });

  it('share the work; when one of each is killed the others take over, nothing is lost and order is kept', async () => {
    const stop = new AbortController();
    const readers = { receiver: readAccepted, projector: readHandled };
    const before = { receiver: await readAccepted(), projector: await readHandled() };
    const changing = changeUntil(stop.signal);
    try {
      for (const service of ['receiver', 'projector'] as const) {
        const shares = await eventually(
          async () => {
            const now = await readers[service]();
            const own = now.map((count, copy) => count - (before[service][copy] ?? 0));
            return toSum(own) >= ENOUGH && own;
          },
          { within: 60_000, every: 200, what: `${ENOUGH} notifications are worked off by the ${service}s` },
        );
        const least = toSum(shares) * LEAST_SHARE;
        assert.ok(
          shares.every((share) => share >= least),
          `each ${service} has its share: ${shares.join(', ')}`,
        );
      }

      for (const name of ['receiver-2', 'projector-2']) process.kill(system.pidOf(name) ?? 0, 'SIGKILL');
      // Whoever is killed keeps its partitions for its session of 10 s; then each of the twelve must move on.
      const atKill = await readOffsets();
      const later = await eventually(
        async () => {
          const now = await readOffsets();
          return now.every(({ end }, partition) => end > (atKill[partition]?.end ?? 0)) && now;
        },
        { within: 90_000, what: 'changes of every partition are taken by the receiver that is left' },
      );
      await eventually(
        async () => (await readOffsets()).every(({ done }, partition) => done >= (later[partition]?.end ?? 0)),
        { within: 90_000, every: 200, what: 'the projectors that are left work off every partition' },
      );
    } finally {
      stop.abort();
    }
    const changes = await changing;

    await eventually(
      async () => {
        assert.deepEqual(await compareWithTruth(system.store, system.simulator, connected.tenant), []);
        assert.ok(await watch.isCaughtUp());
        assert.deepEqual(findUntold(watch.chains.ends(), await readEnds()), []);
        return true;
      },
      { within: 45_000, every: 300, what: 'the documents equal the directory, and each is told as it is' },
    );
    assert.deepEqual(findLost(await readLedger(system.simulator), watch.notifications), []);
    assert.deepEqual(watch.chains.broken(), []);
    assert.ok(watch.chains.ends().size > 0, 'changes were told');
    assert.ok(changes > 100, `only ${changes} changes flowed`);
  }).timeout(180_000);

  /** Of people, by copy: neither canaries nor what Graph says of groups. */
  const readAccepted = (): Promise<number[]> =>
    readEach(origins.receiver, 'muster_receiver_accepted_by_subscription_total', { entity: 'user' });
  /** People who were read for a notification: no row of a first load, no MFA, no canary. */
  const readHandled = (): Promise<number[]> =>
    readEach(origins.projector, 'muster_projector_events_total', { topic: 'notifications', outcome: 'read' });

  async function readOffsets(): Promise<{ end: number; done: number }[]> {
    const all = await system.eventLog.lag(PROJECTOR_GROUPS.notifications, ['notifications']);
    return all
      .toSorted((left, right) => left.partition - right.partition)
      .map(({ endOffset, committedOffset }) => ({ end: Number(endOffset), done: Number(committedOffset ?? 0) }));
  }

  /** What the feed must have told last of each document. */
  async function readEnds(): Promise<Map<string, End>> {
    const ends = new Map<string, End>();
    for await (const some of readDocuments(system.store, connected.tenant.tenantId))
      for (const [key, one] of toFeedKeys(some)) ends.set(key, toEnd(one));
    return ends;
  }

  /** Everyone in turn, one change after the other; answers how many. */
  async function changeUntil(signal: AbortSignal): Promise<number> {
    const { tenantId } = connected.tenant;
    const truth = await system.simulator.truth(tenantId);
    const people = truth.filter(({ inGroup, deletedDateTime }) => inGroup && deletedDateTime === null);
    let changes = 0;
    while (!signal.aborted) {
      const person = people[changes % people.length];
      changes += 1;
      await system.simulator.call('PATCH', `/tenants/${tenantId}/users/${person?.id ?? ''}`, {
        jobTitle: `Job ${changes}`,
      });
    }
    return changes;
  }
});
