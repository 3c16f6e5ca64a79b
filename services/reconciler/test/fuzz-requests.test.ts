import assert from 'node:assert/strict';
import { isFailure, type PersonRead, type PlanRecord } from '@muster/contracts';
import type { ConsumerOptions, EventLog } from '@muster/event-log';
import { fuzzRuns, fuzzTimeout } from '@muster/test-support';
import fc from 'fast-check';
import { createPersonReader } from '../src/read-person.js';
import { requestsPart } from '../src/requests-part.js';
import { createSweepMetrics } from '../src/sweep-metrics.js';
import { createSweeper } from '../src/sweeper.js';
import { createMemoryPorts } from './support/memory-ports.js';
import { metrics } from './support/metrics.js';
import { createTenant, type Tenant } from './support/tenant.js';

const NOW = new Date('2026-03-01T08:00:00.000Z');
const NOBODY = '10000000-0000-4000-8000-000000000000';
const [own, other] = [createTenant(() => NOW), createTenant(() => NOW)] as const;
const asked = own.direct[0]!;
for (const tenant of [own, other])
  tenant.graph.readMfa = (userId) =>
    Promise.resolve({ row: tenant.report.get(userId) ?? null, observedAt: NOW.toISOString() });

const whose = ({ settings: { integrationId, tenantId } }: Tenant) => ({ version: 1, integrationId, tenantId });
const at = { requestedBy: 'key x', requestedAt: NOW.toISOString() };
/** Behind all the others. */
const good = [
  { ...whose(own), ...at, type: 'users', reason: 'the last' },
  { ...whose(own), ...at, type: 'plan', planId: 'last', allowed: true },
  { ...whose(own), ...at, type: 'person', userId: asked },
];

const text = fc.oneof(fc.constantFrom('', '__proto__', '\u0000', 'x'.repeat(300)), fc.string({ maxLength: 20 }));
const time = fc.oneof(
  fc.integer({ min: -600, max: 600 }).map((second) => new Date(NOW.getTime() + second * 1_000).toISOString()),
  fc.constantFrom('0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2026-03-01T08:00:00+14:00'),
);
const idOf = (name: 'integrationId' | 'tenantId') =>
  fc.constantFrom(own.settings[name], own.settings[name], other.settings[name], NOBODY);
const userId = fc.constantFrom(asked, own.nested[0]!, own.outside[0]!, other.direct[0]!, other.nested[0]!, NOBODY);
const from = {
  ...{ version: fc.constant(1), integrationId: idOf('integrationId'), tenantId: idOf('tenantId') },
  ...{ requestedBy: text, requestedAt: time },
};
const request: fc.Arbitrary<object> = fc.oneof(
  fc.record({ ...from, type: fc.constantFrom('sweep', 'users', 'mfa'), reason: text }),
  fc.record(
    {
      ...{ ...from, type: fc.constant('plan'), planId: fc.constantFrom('own', 'other', 'none', '__proto__') },
      ...{ allowed: fc.boolean(), userIds: fc.array(userId, { maxLength: 3 }), seenAt: time },
    },
    {
      requiredKeys: ['version', 'integrationId', 'tenantId', 'requestedBy', 'requestedAt', 'type', 'planId', 'allowed'],
    },
  ),
  fc.record({ ...from, type: fc.constant('person'), userId }),
);
const names = fc.constantFrom('version', 'type', 'integrationId', 'requestedAt', 'userIds', '__proto__', '$set');
const value: fc.Arbitrary<Buffer | null> = fc.oneof(
  { weight: 6, arbitrary: request.map((one) => Buffer.from(JSON.stringify(one))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(request, fc.dictionary(names, fc.jsonValue()))
      .map(([one, spoilt]) => Buffer.from(JSON.stringify({ ...one, ...spoilt }))),
  },
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(null),
);

const toPlan = (planId: string, { settings, direct, groupId }: Tenant): PlanRecord => ({
  ...{ planId, integrationId: settings.integrationId, tenantId: settings.tenantId, groupId, reason: 'too many' },
  candidates: direct.slice(0, 3).map((one) => ({ userId: one, why: 'absent', state: 'waiting' })),
  ...{ inScope: 25, state: 'waiting', createdAt: '2026-03-01T07:00:00.000Z', updatedAt: '2026-03-01T07:00:00.000Z' },
  ...{ decidedAt: null, decidedBy: null },
});

/** The part with the sweeper and the reader of people themselves, on ports in memory. */
function createWorld() {
  const ports = createMemoryPorts();
  for (const tenant of [own, other]) {
    ports.settings.set(tenant.settings.integrationId, tenant.settings);
    ports.graphs.set(tenant.settings.integrationId, tenant);
  }
  for (const plan of [toPlan('own', own), toPlan('other', other), toPlan('last', own)])
    ports.plans.set(plan.planId, plan);
  const reads = new Map<string, PersonRead>();
  const personReads = {
    get: (tenantId: string, id: string) => Promise.resolve(reads.get(`${tenantId}/${id}`) ?? null),
    save: (record: PersonRead) => Promise.resolve(void reads.set(`${record.tenantId}/${record.userId}`, record)),
  };
  const deps = {
    ...{ ...ports.deps, concurrency: 2, store: { ...ports.deps.store, personReads } as never },
    sweepMetrics: createSweepMetrics(metrics),
    ...{ usersDeltaEvery: 1, groupDeltaEvery: 1, lostAfter: 1, handledUntil: () => Promise.resolve(NOW) },
    periods: { usersDeltaEvery: 1, groupDeltaEvery: 1, sweepMinInterval: 1 },
    askForFullRead: () => undefined,
  };
  const people = createPersonReader(deps);
  const fullReads: string[] = [];
  let options: ConsumerOptions | undefined;
  const nothing = () => Promise.resolve();
  const log = {
    readNewest: () => Promise.resolve([]),
    consumer: (given: ConsumerOptions) => {
      options = given;
      return { start: nothing, stop: nothing, state: () => ({ status: 'running' }) };
    },
  };
  requestsPart({
    ...{ log: log as unknown as EventLog, groupId: 'fuzz', sweeper: createSweeper(deps), people },
    reconciler: { request: (_, { reason }) => void fullReads.push(reason) },
    ...{
      publisher: ports.deps.publisher,
      logger: ports.deps.logger,
      now: () => NOW,
      fail: (error) => assert.ifError(error),
    },
  });
  const handle = async (values: readonly (Buffer | null)[]): Promise<void> => {
    const events = values.map((one, index) => ({
      ...{ topic: 'requests' as const, partition: 0, offset: String(index), key: null, value: one, timestamp: 0 },
    }));
    await options!.handle({
      ...{ topic: 'requests', partition: 0, events, highWatermark: '9' },
      ...{ heartbeat: () => Promise.resolve(), isMine: () => true },
    });
    await people.idle();
  };
  return { ports, reads, fullReads, handle };
}

describe('the requests to the reconciler, whatever lies on their topic', () => {
  it('each is remembered, put aside or ignored; nothing is written for a stranger, and what is good behind them is done', async function () {
    this.timeout(fuzzTimeout(20_000));
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 6 }), async (values) => {
        const { ports, reads, fullReads, handle } = createWorld();
        const all = [...values, ...good.map((one) => Buffer.from(JSON.stringify(one)))];
        try {
          await handle(all);
        } catch (error) {
          assert.ok(isFailure(error) && error.retryable, String(error));
          await handle(all);
        }
        const tenantOf = (integrationId: string) => ports.settings.get(integrationId)?.tenantId;
        for (const { integrationId, tenantId } of [...reads.values(), ...ports.observations(), ...ports.plans.values()])
          assert.equal(tenantId, tenantOf(integrationId), 'written for a stranger');
        const isNamed = values.some((one) => one?.includes(other.settings.integrationId));
        if (!isNamed) assert.equal(ports.plans.get('other')!.state, 'waiting');

        assert.equal(fullReads.at(-1), 'the last');
        assert.equal(ports.plans.get('last')!.state, 'allowed');
        const read = reads.get(`${own.settings.tenantId}/${asked}`);
        assert.ok(read && read.requestedAt >= at.requestedAt && read.found === 'yes', JSON.stringify(read));
        const far = new Date(NOW.getTime() + 5 * 60_000).toISOString();
        assert.ok(read.requestedAt <= far, 'a request of another age hides all later ones');
      }),
      fuzzRuns(150),
    );
  });
});
