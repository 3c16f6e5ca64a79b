import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { PROJECTOR_GROUPS, type ProjectedTopic } from '@muster/contracts';
import type { TopicLag } from '@muster/event-log';
import { eventually } from '@muster/test-support';
import type { ServiceName } from '@muster/scripts';
import type { OwnOfCopy, OwnServer } from '../src/system.js';
import type { ChaosSystem } from './chaos-system.js';
import { toStranger, type Sender } from './posts.js';
import type { Random } from './random.js';

export type Scene = ChaosSystem & { readonly random: Random };

export type Fault = {
  /** As in the table of `docs/fault-matrix.md`. */
  readonly row: string;
  /** Injects, lasts its time, heals. What it must hold while it lasts, it asserts itself. */
  readonly strike: (scene: Scene) => Promise<void>;
};

export type Rules = readonly Record<string, unknown>[];
export type GraphIllness = { readonly row: string; readonly rules: Rules };

/** How long a fault lasts: it is the fault, not a wait for something. */
export const last = (ms: number): Promise<void> => delay(ms);

/** kill -9 or SIGTERM; whoever supervises starts it anew. Settles when another process is ready. */
export async function restart({ system }: Scene, service: ServiceName, signal: NodeJS.Signals): Promise<void> {
  const pid = system.pidOf(service);
  system.signal(service, signal);
  await eventually(() => system.pidOf(service) !== pid, { within: 15_000, what: `another ${service}` });
  await eventually(() => system.isReady(service), { within: 60_000, every: 100, what: `${service} is ready` });
}

export async function killServer({ system }: Scene, server: OwnServer): Promise<void> {
  const pid = system.pidOf(server);
  system.signal(server, 'SIGKILL');
  await eventually(() => system.pidOf(server) !== pid, { within: 15_000, what: `another ${server}` });
}

/** One more of a service beside the first; killed in the end. */
export async function withCopy(
  { system }: Scene,
  { service, ...own }: OwnOfCopy & { service: ServiceName },
  during: (origin: string) => Promise<void>,
): Promise<void> {
  const name = `${service}-copy`;
  const origin = await system.startCopy(service, name, own);
  await during(origin).finally(() => system.signal(name, 'SIGKILL'));
}

export async function stall({ system }: Scene, name: OwnServer | ServiceName, during: () => Promise<void>) {
  system.signal(name, 'SIGSTOP');
  try {
    await during();
  } finally {
    system.signal(name, 'SIGCONT');
  }
}

/** The longest that anything here is waited for. */
const LONGEST_MS = 1_800_000;

/**
 * Waits until all that is in Kafka by now is read by the projector; of notifications, unless other topics are named. What
 * stands before it may be much: `still` is how long a partition may stand where it is, ms.
 */
export async function untilProjected(
  { system }: Scene,
  { still, what, topics = ['notifications'] }: { still: number; what: string; topics?: readonly ProjectedTopic[] },
): Promise<void> {
  const read = async (): Promise<TopicLag[]> =>
    (await Promise.all(topics.map((topic) => system.eventLog.lag(PROJECTOR_GROUPS[topic], [topic])))).flat();
  const toPlace = ({ topic, partition }: TopicLag): string => `${topic}/${partition}`;
  const toReached = ({ committedOffset }: TopicLag): bigint => BigInt(committedOffset ?? 0);
  // Kafka may only just have been started again.
  const atFirst = await eventually(read, { within: still, every: 250, what: 'Kafka tells how far its topics go' });
  const ends = new Map(atFirst.map((lag) => [toPlace(lag), BigInt(lag.endOffset)]));
  const seen = new Map<string, { reached: bigint; at: number }>();
  const isStill = (lag: TopicLag): boolean => {
    const [place, reached, at] = [toPlace(lag), toReached(lag), performance.now()];
    const last = seen.get(place);
    if (!last || reached > last.reached) seen.set(place, { reached, at });
    return last?.reached === reached && at - last.at > still;
  };
  const waited = await eventually(
    async () => {
      const unread = (await read()).filter((lag) => toReached(lag) < (ends.get(toPlace(lag)) ?? 0n));
      return unread.length === 0 ? [[]] : unread.some(isStill) && [unread.filter(isStill).map(toPlace)];
    },
    { within: LONGEST_MS, every: 250, what },
  );
  assert.deepEqual(waited, [[]], `${what}: stands still for ${still} ms`);
}

type Hits = { readonly hits: readonly { readonly rule: { readonly type: string }; readonly hits: number }[] };

/** The simulator's fault rules for a time, and until each has struck; they replace each other. */
export async function withRules(
  { system: { simulator }, random }: Scene,
  rules: Rules,
  during: () => Promise<void>,
): Promise<void> {
  const haveStruck = async (): Promise<boolean> => {
    const { hits }: Hits = await simulator.call('GET', '/faults');
    const missed = hits.filter((one) => one.hits === 0).map(({ rule }) => rule.type);
    if (missed.length > 0) throw new Error(`struck nothing: ${missed.join(', ')}`);
    return true;
  };
  await simulator.call('PUT', '/faults', { seed: random.between(1, 1_000_000), rules });
  try {
    await during();
    await eventually(haveStruck, { within: 180_000, every: 250, what: 'each rule has struck' });
  } finally {
    await simulator.call('DELETE', '/faults');
  }
}

export const senderOf = ({ system, connected: { integrationId, tenant } }: Scene): Sender => ({
  integrationId,
  tenantId: tenant.tenantId,
  keys: system.clientStateKeys,
});

/** Posts items to the receiver, or a copy of it, as Graph does; answers the status and how long it took. */
export async function postAsGraph(
  { system }: Scene,
  address: 'notifications' | 'lifecycle',
  items: readonly object[],
  origin = system.origins.receiver,
): Promise<{ status: number; ms: number }> {
  const begun = performance.now();
  const { status } = await fetch(`${origin}/graph/${address}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value: items }),
  });
  return { status, ms: performance.now() - begun };
}

/** Graph counts us as slow from 3 s on. */
export const DEADLINE_MS = 2_500;

/** Of somebody whom nobody knows: to be taken, and no more. Where it is, it has to be in Kafka. */
export async function notify(scene: Scene, origin?: string): Promise<{ status: number; ms: number }> {
  const id = randomUUID();
  const answer = await postAsGraph(scene, 'notifications', [toStranger(senderOf(scene), id)], origin);
  if (answer.status === 202) scene.strangers.add(id);
  return answer;
}

/** Admin may be away for a moment still. */
export const fullRead = ({ system, connected }: Scene): Promise<unknown> =>
  eventually(
    () => system.admin.post(`/integrations/${connected.integrationId}/reconcile`, { kind: 'users' }).then(() => true),
    { within: 60_000, every: 500, what: 'a full read is asked for' },
  );

/** Asks for a full read of the people and waits until one is under way; answers its id. */
export async function beginFullRead(scene: Scene): Promise<string> {
  await fullRead(scene);
  const findRunning = async (): Promise<string | undefined> => {
    const newest = await readsOf(scene);
    return newest.find(({ kind, state, resumed }) => kind === 'users' && state === 'running' && !resumed)?.snapshotId;
  };
  return eventually(findRunning, { within: 120_000, every: 50, what: 'a full read is under way' });
}

/** What died with its reader is taken on by whoever comes next, or was at its end. */
export const untilTakenOn = (scene: Scene, snapshotId: string): Promise<unknown> =>
  eventually(
    async () => {
      const read = (await readsOf(scene)).find((one) => one.snapshotId === snapshotId);
      return read !== undefined && (read.resumed || read.state !== 'running');
    },
    { within: 180_000, every: 250, what: `the read ${snapshotId} is taken on` },
  );

const readsOf = ({ system, connected }: Scene) => system.store.snapshots.newest(connected.integrationId, 20);
