import { setTimeout as sleep } from 'node:timers/promises';
import { syncRequest } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import { readLedger, type Delivery } from '../../chaos/ledger.js';
import { connectTenant, type Connected } from '../../src/connect-tenant.js';
import type { TrueUser } from '../../src/simulator-client.js';
import type { System } from '../../src/system.js';
import { startBenchSystem } from '../bench-system.js';
import { watchFeed, type Feed } from '../feed.js';
import { round, type Context, type Measured, type Row } from '../row.js';
import { median, percentile } from '../statistics.js';
import { signIn } from '../visitor.js';

export const rowsOfFreshness: readonly Row[] = [
  {
    id: 'F1',
    what: 'freshness, five services and the simulator: change → document; disabled, removed → signed out; lost → found',
    goal: '< 1 s p99 after Graph sent it; < 2 s after the document, < 3 s after Graph sent it, ≤ 20 s for the group; ≤ 5 min, all counted',
    limitMinutes: 14,
    onlyByName: true,
    run: measureFreshness,
  },
];

type Sizes = { changes: number; perSecond: number; leavers: number; losses: number; lossEveryMs: number };
const USUAL: Sizes = { changes: 200, perSecond: 10, leavers: 5, losses: 18, lossEveryMs: 10_000 };
const TINY: Sizes = { changes: 10, perSecond: 5, leavers: 1, losses: 2, lossEveryMs: 100 };
/** The usual periods of Muster are what the figures are of; only the tiny form has no time for them. */
const TINY_ENV = { USERS_DELTA_EVERY: '5s', LOST_AFTER: '5s', SWEEP_MIN_INTERVAL: '2s' };
const PATIENCE = { within: 60_000, every: 25 };
/** Beyond the goal, so that a miss is a figure and no failure. */
const LOSS_PATIENCE_MS = 600_000;

type Scene = { system: System; connected: Connected; feed: Feed; people: TrueUser[] };

async function measureFreshness(context: Context): Promise<Measured> {
  const sizes = context.options.tiny ? TINY : USUAL;
  const system = await startBenchSystem(context, {
    label: 'bench fresh',
    ...(context.options.tiny ? { env: TINY_ENV } : {}),
  });
  const feed = await watchFeed(system.eventLog);
  const scene = await connect(system, feed, sizes.changes + sizes.losses + 2 * sizes.leavers);
  const changes = await changeMany(scene, sizes);
  context.say(`F1: ${changes.afterSent.length} changes seen`);
  const left = await cutOff(scene, sizes);
  const followed = await connect(system, feed, STAYING + sizes.leavers, { permissions: WITHOUT_GROUPS });
  left.push(...(await cutByDelta(followed, sizes)));
  context.say(`F1: ${left.length} people signed out`);
  const lost = await loseSome(scene, sizes);
  await feed.stop();
  await system.stop();
  return judge({ changes, left, lost });
}

/** Beside those who leave a group, so that they are not too many at once to be believed. */
const STAYING = 100;
/** What the seed page asks for: nobody is told of changes of the group, it is followed by delta. */
const WITHOUT_GROUPS = ['User.Read.All', 'GroupMember.Read.All', 'AuditLog.Read.All'];

async function connect(system: System, feed: Feed, people: number, settings: object = {}): Promise<Scene> {
  const connected = await connectTenant(system, {
    people,
    groupMembers: people,
    ...{ nestedGroups: 0, guests: 0, disabled: 0 },
    redirectUris: [`${system.origins.admin}/oauth2callback/microsoft`],
    ...settings,
  });
  return { system, connected, feed, people: await system.simulator.truth(connected.tenant.tenantId) };
}

const change = ({ system, connected }: Scene, { id }: TrueUser, fields: object): Promise<unknown> =>
  system.simulator.call('PATCH', `/tenants/${connected.tenant.tenantId}/users/${id}`, fields);

const toldOf = ({ feed }: Scene, mark: string, within = PATIENCE.within) =>
  eventually(() => feed.ofMark(mark), { ...PATIENCE, within, what: `the change ${mark} is told` });

type Changes = { afterSent: number[]; afterChange: number[]; settlePasses: number };

/** One change for each person, at a steady rate. Graph's own delay ends where the simulator posts the notification. */
async function changeMany(scene: Scene, { changes, perSecond }: Sizes): Promise<Changes> {
  const some = scene.people.slice(0, changes);
  const begun = performance.now();
  const changing: Promise<unknown>[] = [];
  for (const [index, person] of some.entries()) {
    const early = begun + (index * 1_000) / perSecond - performance.now();
    if (early > 1) await sleep(early);
    changing.push(change(scene, person, { department: `change ${index}` }));
  }
  await Promise.all(changing);
  const told = await Promise.all(some.map((_, index) => toldOf(scene, `change ${index}`)));
  const posted = newestOf(await readLedger(scene.system.simulator), 'user');
  const afterSent: number[] = [];
  const afterChange: number[] = [];
  for (const [index, { id }] of some.entries()) {
    const { sentAt, changedAt } = posted.get(id) ?? {};
    const at = told[index]?.toldAt;
    if (typeof sentAt !== 'number' || changedAt === undefined || at === undefined)
      throw new Error(`no notification of ${id} was sent`);
    afterSent.push(at - sentAt);
    afterChange.push(at - changedAt);
  }
  return { afterSent, afterChange, settlePasses: await countSettlePasses(scene) };
}

/** Sweeps behind notifications, since replicas of Graph lag: a round of delta each, one unit at the least. */
async function countSettlePasses({ system }: Scene): Promise<number> {
  const requests = await system.eventLog.readNewest('requests', 1_000);
  return requests
    .map(({ value }) => syncRequest.parse(JSON.parse(String(value))))
    .filter((request) => request.type === 'sweep' && request.reason.startsWith('settle pass')).length;
}

const newestOf = (deliveries: readonly Delivery[], entity: Delivery['entity']): Map<string, Delivery> =>
  new Map(deliveries.filter((one) => one.entity === entity).map((one) => [one.entityId, one]));

/** All in ms; `afterSent` is of Graph's notification. `followed`: out of a group that nobody is told of. */
type Left = Cut & { how: 'disabled' | 'removed' | 'followed' };
type Cut = { afterDocument: number; afterSent: number | null; afterChange: number };

async function cutOff(scene: Scene, { leavers }: Sizes): Promise<Left[]> {
  const leaving = scene.people.slice(-2 * leavers);
  const left: Left[] = [];
  for (const [index, person] of leaving.entries()) {
    const how = index % 2 === 0 ? 'disabled' : 'removed';
    const leave = (): Promise<unknown> =>
      how === 'disabled' ? change(scene, person, { accountEnabled: false }) : leaveGroup(scene, person);
    const cut = await cutOne(scene, person, leave);
    if (cut.afterSent === null) throw new Error(`Graph told nothing of ${person.id}`);
    left.push({ how, ...cut });
  }
  return left;
}

const leaveGroup = ({ system, connected: { tenant } }: Scene, { id }: TrueUser): Promise<unknown> =>
  system.simulator.call('DELETE', `/tenants/${tenant.tenantId}/groups/${tenant.groupId}/members/${id}`);

/** One after the other, each at another moment of the period in which the group is looked at. */
async function cutByDelta(scene: Scene, { leavers }: Sizes): Promise<Left[]> {
  const left: Left[] = [];
  for (const person of scene.people.slice(0, leavers))
    left.push({ how: 'followed', ...(await cutOne(scene, person, () => leaveGroup(scene, person))) });
  return left;
}

async function cutOne(scene: Scene, person: TrueUser, leave: () => Promise<unknown>): Promise<Cut> {
  const { system, connected, feed } = scene;
  const visitor = await signIn(system.origins.admin, connected.integrationId, person);
  const before = feed.ofPerson(person.id)?.changedAt ?? 0;
  const sequence = (await readLedger(system.simulator)).at(-1)?.sequence ?? 0;
  const leftAt = Date.now();
  await leave();
  const isOut = async (): Promise<boolean> => visitor.cutAt() !== undefined && !(await visitor.isSignedIn());
  await eventually(isOut, { ...PATIENCE, every: 50, what: `${person.userPrincipalName} is signed out` });
  const outAt = Math.max(visitor.cutAt() ?? 0, Date.now());
  visitor.close();
  const isNew = () => [feed.ofPerson(person.id)].find((told) => told !== undefined && told.changedAt > before);
  const { changedAt } = await eventually(isNew, { ...PATIENCE, what: `the change of ${person.id} is told` });
  const posted = (await readLedger(system.simulator)).filter((one) => one.sequence > sequence);
  const sent = posted.find(({ entity, sentAt }) => entity !== 'subscription' && sentAt !== null);
  return {
    afterDocument: outAt - changedAt,
    afterSent: sent ? outAt - (sent.sentAt ?? 0) : null,
    afterChange: outAt - leftAt,
  };
}

type Lost = { foundAfter: number[]; counted: number; dropped: number };

/**
 * Every notification of these changes is dropped; they are spread over a delta period. Of people of their own: who was
 * told of in the same period for another change counts as told of.
 */
async function loseSome(scene: Scene, { changes, losses, lossEveryMs }: Sizes): Promise<Lost> {
  const { system, connected, people } = scene;
  const since = new Date().toISOString();
  await system.simulator.call('PUT', '/faults', { seed: 1, rules: [{ type: 'drop' }] });
  const changedAt: number[] = [];
  for (let index = 0; index < losses; index += 1) {
    changedAt.push(Date.now());
    await change(scene, people[changes + index]!, { department: `lost ${index}` });
    await sleep(lossEveryMs);
  }
  const told = await Promise.all(changedAt.map((_, index) => toldOf(scene, `lost ${index}`, LOSS_PATIENCE_MS)));
  await system.simulator.call('DELETE', '/faults');
  const counted = async (): Promise<number> => {
    const { loss } = await system.admin.get(`/integrations/${connected.integrationId}/coverage?since=${since}`);
    if (loss.open > 0 || loss.lost < losses) throw new Error(JSON.stringify(loss));
    return loss.lost;
  };
  const patience = { within: LOSS_PATIENCE_MS, every: 1_000, what: 'every loss is counted' };
  return {
    foundAfter: told.map((one, index) => one.toldAt - (changedAt[index] ?? 0)),
    counted: await eventually(counted, patience),
    dropped: losses,
  };
}

function judge({ changes, left, lost }: { changes: Changes; left: Left[]; lost: Lost }): Measured {
  const p = (values: readonly number[], share: number): string => String(round(percentile(values, share), 0));
  const of = (how: Left['how'], after: keyof Cut): number[] =>
    left.filter((one) => one.how === how).flatMap((one) => one[after] ?? []);
  const most = (values: readonly number[]): number => Math.max(...values);
  const inMs = (how: Left['how'], after: keyof Cut): string =>
    `${round(median(of(how, after)), 0)} (most ${most(of(how, after))})`;
  const all = left.map(({ afterDocument }) => afterDocument);
  const seconds = (ms: number): number => round(ms / 1_000, 1);
  return {
    measured: [
      `change → document p50 ${p(changes.afterSent, 0.5)}, p99 ${p(changes.afterSent, 0.99)} ms after Graph sent it (p99 ${p(changes.afterChange, 0.99)} ms after the change; ${changes.afterSent.length} changes)`,
      `signed out: disabled ${inMs('disabled', 'afterDocument')} ms after the document, ${inMs('disabled', 'afterSent')} ms after Graph sent it; out of the group ${inMs('removed', 'afterDocument')} ms after the document, ${inMs('removed', 'afterChange')} ms after the change; out of a group followed by delta ${inMs('followed', 'afterDocument')} and ${inMs('followed', 'afterChange')} ms`,
      `lost → found ${seconds(median(lost.foundAfter))} s, most ${seconds(most(lost.foundAfter))} s; ${lost.counted} of ${lost.dropped} counted`,
    ].join('; '),
    met:
      percentile(changes.afterSent, 0.99) < 1_000 &&
      most(all) < 2_000 &&
      most(of('disabled', 'afterSent')) < 3_000 &&
      most([...of('removed', 'afterChange'), ...of('followed', 'afterChange')]) <= 20_000 &&
      most(lost.foundAfter) <= 300_000 &&
      lost.counted === lost.dropped,
    samples: { changes: [changes], left, lost: [lost] },
    notes: [
      `behind the ${changes.afterSent.length} changes ${changes.settlePasses} settle passes, a unit of Graph each where a round of delta has one page`,
      'the document by the time stamp of its change on the feed, which is sent behind the write; signed out = the open page is cut and the session refused, looked at every 50 ms',
    ],
  };
}
