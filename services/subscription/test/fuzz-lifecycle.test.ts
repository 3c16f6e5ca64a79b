import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isFailure, type IntegrationSettings } from '@muster/contracts';
import type { ConsumerOptions, EventLog } from '@muster/event-log';
import { createLogger } from '@muster/telemetry';
import { fuzzRuns, fuzzTimeout } from '@muster/test-support';
import fc from 'fast-check';
import { lifecyclePart } from '../src/lifecycle-part.js';
import { createWorld, MINUTE, toSettings, type World } from './support/model-world.js';

const NOBODY = '10000000-0000-4000-8000-000000000000';
const ids = () => ({ integrationId: randomUUID(), tenantId: randomUUID() });
/** The first two are told things; the last has one good event behind them all. */
const [own, other, last] = [toSettings(ids()), toSettings({ ...ids(), groupId: randomUUID() }), toSettings(ids())];
const logger = createLogger({ service: 'fuzz', level: 'silent' });

/** Ids of subscriptions are known in the world only: here a place in its list, or an id that is none's. */
type Told = { fields: object; subscription: number | null };
const text = fc.oneof(fc.constantFrom('', '__proto__', '\u0000', 'x'.repeat(3_000)), fc.string({ maxLength: 20 }));
const time = fc.constantFrom('0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2026-01-01T00:05:00+02:00');
const idOf = (name: 'integrationId' | 'tenantId') => fc.constantFrom(own[name], own[name], other[name], NOBODY);
const fields = fc.record({
  ...{ version: fc.constant(1), integrationId: idOf('integrationId'), tenantId: idOf('tenantId') },
  lifecycleEvent: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('reauthorizationRequired', 'subscriptionRemoved', 'missed') },
    text,
  ),
  ...{ subscriptionExpirationDateTime: text, receivedAt: time },
});
const names = fc.constantFrom('version', 'lifecycleEvent', 'receivedAt', 'tenantId', '__proto__', '$set');
const told: fc.Arbitrary<Told> = fc.record({
  fields: fc.oneof(
    { weight: 5, arbitrary: fields },
    fc.tuple(fields, fc.dictionary(names, fc.jsonValue())).map(([one, spoilt]) => ({ ...one, ...spoilt })),
  ),
  subscription: fc.option(fc.nat({ max: 2 }), { freq: 6 }),
});
const trouble = fc.constantFrom(null, null, 'away', 'refused', 'no answer');
const step = fc.record({
  value: fc.oneof(
    { weight: 6, arbitrary: told },
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(null),
  ),
  ...{ minutes: fc.nat({ max: 30 }), trouble },
});

const subscriptionsOf = (world: World, { tenantId }: IntegrationSettings) =>
  world
    .graphOf(tenantId)
    .live()
    .map(({ subscriptionId }) => subscriptionId);
const toBytes = (world: World, value: Told | Buffer | null): Buffer | null => {
  if (value === null || Buffer.isBuffer(value)) return value;
  const all = [...subscriptionsOf(world, own), ...subscriptionsOf(world, other)];
  const subscriptionId = all[value.subscription ?? -1] ?? NOBODY;
  return Buffer.from(JSON.stringify({ subscriptionId, ...value.fields }));
};

function setTrouble(world: World, { tenantId }: IntegrationSettings, what: string | null): void {
  const graph = world.graphOf(tenantId);
  graph.drop(what === 'no answer' ? 1 : 0);
  if (what === 'away') graph.refuse({ code: 'graph.unavailable', status: 503, retryable: true });
  else graph.refuse(what === 'refused' ? { code: 'graph.forbidden', status: 403 } : null);
}

/** The part with the keeper itself; all tenants are subscribed. */
async function open() {
  const world = createWorld();
  for (const settings of [own, other, last]) world.save(settings);
  const keeper = world.keeper();
  await keeper.lookAtAll();
  let options: ConsumerOptions | undefined;
  const nothing = () => Promise.resolve();
  const log = {
    consumer: (given: ConsumerOptions) => {
      options = given;
      return { start: nothing, stop: nothing, state: () => ({ status: 'running' }) };
    },
  };
  const now = () => new Date(world.clock.now);
  const publisher = { publish: () => Promise.resolve() };
  const fail = (error: Error) => assert.ifError(error);
  lifecyclePart({ ...{ log: log as unknown as EventLog, publisher, keeper, logger, now, fail } });
  const handle = (value: Buffer | null): Promise<void> =>
    options!.handle({
      ...{ topic: 'lifecycle', partition: 0, highWatermark: '9', heartbeat: nothing, isMine: () => true },
      events: [{ topic: 'lifecycle', partition: 0, offset: '1', key: null, value, timestamp: world.clock.now }],
    });
  return { world, handle };
}

describe('the lifecycle events, whatever lies on their topic', () => {
  it('each is carried out, put aside or ignored; a stranger’s subscriptions stay alone, and what is good behind them is done', async function () {
    this.timeout(fuzzTimeout(20_000));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        const { world, handle } = await open();
        const theirs = JSON.stringify([...world.records.values()].filter(isOf(other)));
        const calls = world.graphOf(other.tenantId).calls.length;
        let isNamed = false;
        for (const { value, minutes, trouble: what } of steps) {
          world.clock.now += minutes * MINUTE;
          setTrouble(world, own, what);
          setTrouble(world, other, what);
          const bytes = toBytes(world, value);
          isNamed ||= bytes?.includes(other.integrationId) ?? false;
          await handle(bytes).catch((error: unknown) => assert.ok(isFailure(error) && error.retryable, String(error)));
        }
        if (!isNamed) {
          assert.equal(world.graphOf(other.tenantId).calls.length, calls);
          assert.equal(JSON.stringify([...world.records.values()].filter(isOf(other))), theirs);
        }
        for (const { integrationId, tenantId } of world.records.values())
          assert.equal(tenantId, [own, other, last].find((one) => one.integrationId === integrationId)?.tenantId);

        const [subscriptionId = ''] = subscriptionsOf(world, last);
        world.graphOf(last.tenantId).lose(subscriptionId);
        const { integrationId, tenantId } = last;
        const good = { version: 1, integrationId, tenantId, subscriptionId, lifecycleEvent: 'subscriptionRemoved' };
        await handle(Buffer.from(JSON.stringify({ ...good, receivedAt: new Date(world.clock.now).toISOString() })));
        assert.equal(subscriptionsOf(world, last).length, 1, 'it is there again');
        assert.deepEqual(
          [...world.records.values()].filter(isOf(last)).map((one) => [one.status, one.subscriptionId]),
          [['live', subscriptionsOf(world, last)[0]]],
        );
      }),
      fuzzRuns(150),
    );
  });
});

const isOf =
  ({ integrationId }: IntegrationSettings) =>
  (record: { integrationId: string }): boolean =>
    record.integrationId === integrationId;
