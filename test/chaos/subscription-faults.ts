import assert from 'node:assert/strict';
import type { SubscriptionRecord } from '@muster/contracts';
import { eventually } from '@muster/test-support';
import { last, postAsGraph, restart, senderOf, withRules, type Fault, type Scene } from './fault.js';
import { toLifecycle } from './posts.js';
import { toLifecycleKey } from './watch-log.js';

type Live = SubscriptionRecord & { subscriptionId: string };
const isLive = (record: SubscriptionRecord): record is Live =>
  record.status === 'live' && record.subscriptionId !== null;

const PATIENCE = { within: 60_000, every: 250 };

const recordsOf = ({ system, connected }: Scene): Promise<SubscriptionRecord[]> =>
  system.store.subscriptions.ofIntegration(connected.integrationId);

const pickLive = async (scene: Scene): Promise<Live> => scene.random.pick((await recordsOf(scene)).filter(isLive));

const createdAnew = (scene: Scene, { resource, subscriptionId }: Live): Promise<Live> =>
  eventually(
    async () => {
      const now = (await recordsOf(scene)).filter(isLive);
      return now.find((one) => one.resource === resource && one.subscriptionId !== subscriptionId);
    },
    { ...PATIENCE, what: `another subscription on ${resource}` },
  );

async function accessToken({ system, connected: { tenant } }: Scene): Promise<string> {
  const answer = await fetch(`${system.origins.simulator}/${tenant.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'https://graph.microsoft.com/.default',
      client_id: tenant.clientId,
      client_secret: tenant.clientSecret,
    }),
  });
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** With the rights of the app, as somebody else who has its secret could. */
async function callGraph(scene: Scene, method: string, path: string, body?: object): Promise<Response> {
  const authorization = `Bearer ${await accessToken(scene)}`;
  return fetch(`${scene.system.origins.simulator}/v1.0${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

async function deleteAtGraph(scene: Scene, { subscriptionId }: Live): Promise<void> {
  const { status } = await callGraph(scene, 'DELETE', `/subscriptions/${subscriptionId}`);
  assert.ok(status === 204 || status === 404, `DELETE answers ${status}`);
}

async function heldAtGraph(scene: Scene, { resource }: Live): Promise<string[]> {
  const { value } = (await (await callGraph(scene, 'GET', '/subscriptions')).json()) as {
    value: { id: string; resource: string }[];
  };
  return value.filter((one) => one.resource === resource.replace(/^\//, '')).map(({ id }) => id);
}

/** Graph repeats itself, and so do those who replay. */
const TIMES = 3;

async function tell(scene: Scene, { subscriptionId }: Live, event: string): Promise<void> {
  const items = Array.from({ length: TIMES }, () => toLifecycle(senderOf(scene), subscriptionId, event));
  await eventually(async () => (await postAsGraph(scene, 'lifecycle', items)).status === 202, {
    ...PATIENCE,
    what: `${event} is taken`,
  });
  const key = toLifecycleKey(subscriptionId, event);
  scene.lifecycle.set(key, (scene.lifecycle.get(key) ?? 0) + TIMES);
}

const readToItsEnd = ({ system }: Scene): Promise<unknown> =>
  eventually(
    async () => (await system.eventLog.lag('muster.subscription', ['lifecycle'])).every(({ lag }) => lag === 0),
    { ...PATIENCE, what: 'every lifecycle event is taken' },
  );

const PATCH_PAUSE_MS = 600_000;
const reauthorised = ({ events = [] }: SubscriptionRecord): number =>
  events.filter(({ reason, failure }) => reason === 'reauthorizationRequired' && failure === null).length;

/** As if its last PATCH were so long ago: within a run of chaos hardly any is. Null while something else is wanted of it. */
async function age(scene: Scene): Promise<Live | null> {
  const renewedAt = new Date(Date.now() - PATCH_PAUSE_MS - 1_000).toISOString();
  const aged = { ...(await pickLive(scene)), renewedAt };
  return (await scene.system.store.subscriptions.save(aged)) === null ? aged : null;
}

/** Ten minutes behind its last PATCH it is reauthorised, once, however often that is told. */
async function reauthorise(scene: Scene): Promise<void> {
  const aged = await eventually(() => age(scene), {
    ...PATIENCE,
    what: 'a live subscription of which nothing is wanted',
  });
  const made = async (): Promise<number> => {
    const now = (await recordsOf(scene)).find(({ subscriptionId }) => subscriptionId === aged.subscriptionId);
    return now ? reauthorised(now) - reauthorised(aged) : 0;
  };
  await tell(scene, aged, 'reauthorizationRequired');
  await eventually(async () => (await made()) === 1, { ...PATIENCE, what: 'one PATCH' });
  await readToItsEnd(scene);
  assert.equal(await made(), 1, `PATCHes after ${TIMES} notifications`);
}

const MINUTES_45 = 45 * 60_000;

/** Graph's shortest life is in the way of one that ends soon. */
async function expireAtGraph(scene: Scene, { subscriptionId }: Live): Promise<void> {
  const setFloor = (ms: number): Promise<unknown> =>
    scene.system.simulator.call('PATCH', '/settings', { lifetimes: { subscriptionFloor: ms } });
  const path = `/subscriptions/${subscriptionId}`;
  await setFloor(0);
  try {
    const expirationDateTime = new Date(Date.now() + 1_000).toISOString();
    const { status } = await callGraph(scene, 'PATCH', path, { expirationDateTime });
    assert.ok(status === 200 || status === 404, `PATCH answers ${status}`);
  } finally {
    await setFloor(MINUTES_45);
  }
  const isGone = async (): Promise<boolean> => (await callGraph(scene, 'GET', path)).status === 404;
  await eventually(isGone, { ...PATIENCE, what: 'the subscription has expired' });
}

/** One that was created and not yet recorded when the service died goes by the next inventory. */
const oneInItsPlace = (scene: Scene, one: Live): Promise<unknown> =>
  eventually(
    async () => {
      const held = await heldAtGraph(scene, one);
      const live = (await recordsOf(scene)).filter(isLive).filter(({ resource }) => resource === one.resource);
      assert.deepEqual(
        held,
        live.map(({ subscriptionId }) => subscriptionId),
      );
      return held.length === 1 && held[0] !== one.subscriptionId;
    },
    { ...PATIENCE, what: `one subscription on ${one.resource}, as recorded` },
  );

async function killedWhileItCreates(scene: Scene): Promise<void> {
  const one = await pickLive(scene);
  await deleteAtGraph(scene, one);
  await tell(scene, one, 'subscriptionRemoved');
  await last(scene.random.between(0, 300));
  await restart(scene, 'subscription', 'SIGKILL');
  await createdAnew(scene, one);
  await oneInItsPlace(scene, one);
}

export const SUBSCRIPTION_FAULTS: readonly Fault[] = [
  {
    row: 'subscription: deleted behind our back, created anew',
    strike: async (scene) => {
      const one = await pickLive(scene);
      await deleteAtGraph(scene, one);
      await createdAnew(scene, one);
    },
  },
  {
    row: 'subscription: expired at Graph, which says nothing',
    strike: async (scene) => {
      const one = await pickLive(scene);
      await expireAtGraph(scene, one);
      await createdAnew(scene, one);
    },
  },
  {
    row: 'subscription: removed by Graph, told three times (subscriptionRemoved)',
    strike: async (scene) => {
      const one = await pickLive(scene);
      await deleteAtGraph(scene, one);
      await tell(scene, one, 'subscriptionRemoved');
      const { subscriptionId } = await createdAnew(scene, one);
      await readToItsEnd(scene);
      assert.deepEqual(await heldAtGraph(scene, one), [subscriptionId], 'one in its place');
    },
  },
  {
    row: 'subscription: gone when Graph asks to reauthorise it',
    strike: async (scene) => {
      const one = await pickLive(scene);
      await deleteAtGraph(scene, one);
      await tell(scene, one, 'reauthorizationRequired');
      await createdAnew(scene, one);
    },
  },
  { row: 'subscription: killed while it creates one anew', strike: killedWhileItCreates },
  { row: 'subscription: reauthorizationRequired, three times at once', strike: reauthorise },
  {
    row: 'notifications: lost, and Graph says so (missed), and what nobody knows',
    strike: (scene) =>
      withRules(scene, [{ type: 'drop' }], async () => {
        const one = await pickLive(scene);
        await last(scene.random.between(2_000, 5_000));
        for (const event of ['missed', 'somethingNew']) await tell(scene, one, event);
        await readToItsEnd(scene);
      }),
  },
];
