import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  directoryChange,
  PROJECTOR_GROUPS,
  toPersonKey,
  type DirectoryChange,
  type NotificationEvent,
  type UserDocument,
} from '@muster/contracts';
import { createResources, eventually, readAll, testServers } from '@muster/test-support';
import { live, MAX_BATCH, type Death, type Life, type Point } from './killed-between.js';
import { createWorld, type Servers, type Tenant, type World } from './world.js';

const PEOPLE = 5 * MAX_BATCH;
/** The batch in which the first life ends: what is before it was committed, what is behind it has yet to be taken. */
const NTH = 3;

/** What each point leaves behind. */
const LEFT: Record<Point, { isPending: boolean; isTold: boolean }> = {
  written: { isPending: true, isTold: false },
  published: { isPending: true, isTold: true },
  cleared: { isPending: false, isTold: true },
};
const CASES: { when: string; deaths: Death[] }[] = [
  { when: 'its changes are told and nobody knows', deaths: [{ at: 'published', nth: NTH }] },
  { when: 'everything is done but the commit', deaths: [{ at: 'cleared', nth: NTH }] },
  {
    when: 'nothing is told, and once more when what was left is told',
    deaths: [
      { at: 'written', nth: NTH },
      { at: 'published', nth: 1 },
    ],
  },
];

describe('a projector that is killed in the middle of a batch', () => {
  const lives = new Set<Life>();
  const worlds: World[] = [];
  after(async () => {
    for (const { child } of lives) child.kill('SIGKILL');
    await Promise.all([...lives].map(({ ended }) => ended));
    await Promise.all(worlds.map((world) => world.stop()));
  });

  // Side by side: most of their time Kafka waits for the heartbeats of the dead.
  const outcomes: Promise<void>[] = [];
  before(() => {
    for (const { deaths } of CASES) {
      const outcome = liveAndDie(deaths);
      outcome.catch(() => undefined);
      outcomes.push(outcome);
    }
  });
  for (const [index, { when }] of CASES.entries())
    it(`when ${when}: nothing is missing or told out of order, and no other batch comes again`, () =>
      outcomes[index]).timeout(300_000);

  async function liveAndDie(deaths: readonly Death[]): Promise<void> {
    const { kafkaBrokers, mongodbUri: server } = testServers();
    const servers: Servers = { kafkaBrokers, ...createResources('killed between', server) };
    const world = await createWorld(servers);
    worlds.push(world);
    const tenant = await world.addTenant({ features: { userSync: true, mfaVerification: false } });
    const people = new Map(Array.from({ length: PEOPLE }, (_, nth) => [randomUUID(), `Name ${nth}`]));
    const start = (death?: Death): Life => {
      const life = live(servers, people, death);
      lives.add(life);
      return life;
    };
    await notify(world, tenant, [...people.keys()]);

    const dead: Life[] = [];
    for (const death of deaths) {
      const life = start(death);
      dead.push(life);
      assert.equal(await life.ended, 'SIGKILL');
      await assertDiedAt(death.at, life.struck, world);
    }
    const inHand = dead[0]?.batches.at(-1) ?? [];
    assert.equal(dead[0]?.batches.length, NTH);
    assert.equal(await committedOf(world), inHand[0]);

    const known = await documentsOf(world, tenant, people);
    const renamed = [...people.keys()].filter((_, nth) => nth % 2 === 0);
    for (const userId of renamed) people.set(userId, `${people.get(userId)}, renamed`);
    await notify(world, tenant, renamed);
    const last = start();
    await eventually(async () => (await world.lag('notifications')) === 0, {
      within: 180_000,
      what: 'the last life works everything off',
    });
    last.child.kill('SIGTERM');
    assert.equal(await last.ended, 0);

    const given = [...dead, last].flatMap(({ batches }) => batches.flat());
    assert.equal(new Set(given).size, PEOPLE + renamed.length);
    const again = given.filter((offset, at) => given.indexOf(offset) !== at);
    assert.deepEqual(again, inHand, 'what is given twice is the batch that was in hand');

    const documents = await documentsOf(world, tenant, people);
    const told = await readFeed(world);
    for (const [userId, displayName] of people) {
      const document = documents.get(userId);
      const revision = known.has(userId) && renamed.includes(userId) ? 2 : 1;
      assert.deepEqual(
        [document?.displayName, document?.status, document?.revision],
        [displayName, 'active', revision],
      );
      const chain = told.filter(({ subject }) => subject === userId);
      assert.deepEqual(
        onceEach(chain).map(({ data }) => data.revision),
        revision === 2 ? [1, 2] : [1],
      );
      assert.deepEqual(sayingOf(chain.at(-1)?.data.document), sayingOf(document));
    }
  }
});

/** To one partition, so that its batches come one after the other. */
async function notify({ publisher }: World, { settings }: Tenant, userIds: readonly string[]): Promise<void> {
  const { integrationId, tenantId } = settings;
  const toEvent = (entityId: string): NotificationEvent => ({
    version: 1,
    integrationId,
    tenantId,
    subscriptionId: randomUUID(),
    entity: 'user',
    entityId,
    changeType: 'updated',
    receivedAt: new Date().toISOString(),
  });
  await publisher.publish(
    userIds.map((userId) => ({
      topic: 'notifications',
      key: toPersonKey(tenantId, userId),
      partition: 0,
      value: toEvent(userId),
    })),
  );
}

/** By user id; of whom there is one. */
async function documentsOf(
  { store }: World,
  { settings }: Tenant,
  people: ReadonlyMap<string, string>,
): Promise<Map<string, UserDocument>> {
  const stored = await store.users.load([...people.keys()].map((userId) => toPersonKey(settings.tenantId, userId)));
  return new Map([...stored.values()].map(({ document }) => [document.userId, document]));
}

async function committedOf({ log }: World): Promise<string | null | undefined> {
  const all = await log.lag(PROJECTOR_GROUPS.notifications, ['notifications']);
  return all.find(({ partition }) => partition === 0)?.committedOffset;
}

/** All changes, those of a person in the order in which they were told. */
async function readFeed({ log }: World): Promise<DirectoryChange[]> {
  const events = await readAll(log, 'changes');
  return events
    .toSorted((one, other) => one.partition - other.partition || Number(BigInt(one.offset) - BigInt(other.offset)))
    .map(({ value }) => directoryChange.parse(JSON.parse(String(value))));
}

/** A change that is told again must say the same. */
function onceEach(chain: readonly DirectoryChange[]): DirectoryChange[] {
  const first = new Map<string, DirectoryChange>();
  for (const change of chain) {
    assert.deepEqual(change, first.get(change.id) ?? change);
    if (!first.has(change.id)) first.set(change.id, change);
  }
  return [...first.values()];
}

/** A read that found nothing new moves `observedAt`, of which nothing is told. */
const sayingOf = (document: object | undefined): object => ({ ...document, observedAt: null });

/** It died where it was to, not somewhere near. */
async function assertDiedAt(point: Point, struck: readonly string[], world: World): Promise<void> {
  assert.ok(struck.length > 0);
  const stored = await world.store.users.load(struck);
  assert.equal(stored.size, struck.length);
  const told = new Set(
    (await readFeed(world)).map(({ data: { document } }) => toPersonKey(document.tenantId, document.userId)),
  );
  for (const key of struck) {
    assert.deepEqual({ isPending: Boolean(stored.get(key)?.pending), isTold: told.has(key) }, LEFT[point], key);
  }
}
