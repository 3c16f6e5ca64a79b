import assert from 'node:assert/strict';
import { eventually } from '@muster/test-support';
import {
  beginFullRead,
  DEADLINE_MS,
  killServer,
  last,
  notify,
  restart,
  stall,
  untilTakenOn,
  type Fault,
  type Scene,
} from './fault.js';

const AT_ONCE = 20;

/** Every answer in time, and no 202 while nobody can acknowledge. */
async function assertRefusesInTime(scene: Scene): Promise<void> {
  const burst = () => Promise.all(Array.from({ length: AT_ONCE }, () => notify(scene)));
  // A produce that was under way before the stall may still have been acknowledged, and connections are made: the
  // first burst is for that.
  await burst();
  for (const { status, ms } of await burst()) {
    assert.equal(status, 503, `answered ${status} without Kafka`);
    assert.ok(ms < DEADLINE_MS, `answered after ${ms} ms`);
  }
}

const HOURS_4 = 4 * 3_600_000;

/** Graph's four hours, in seconds: what it gave up on is found by sweeps alone. */
async function awayUntilGivenUp(scene: Scene): Promise<void> {
  const giveUpAfter = (ms: number): Promise<unknown> =>
    scene.system.simulator.call('PATCH', '/settings', { delivery: { giveUpAfter: ms } });
  await giveUpAfter(3_000);
  await stall(scene, 'receiver', () => last(scene.random.between(8_000, 14_000))).finally(() => giveUpAfter(HOURS_4));
}

export const PROCESS_FAULTS: readonly Fault[] = [
  { row: 'receiver: kill -9 under load', strike: (scene) => restart(scene, 'receiver', 'SIGKILL') },
  {
    row: 'projector: kill -9 in the middle of batches, three times',
    strike: async (scene) => {
      for (let time = 0; time < 3; time += 1) {
        await last(scene.random.between(0, 400));
        await restart(scene, 'projector', 'SIGKILL');
      }
    },
  },
  {
    row: 'reconciler: kill -9 in the middle of a full read',
    strike: async (scene) => {
      const read = await beginFullRead(scene);
      await last(scene.random.between(0, 500));
      await restart(scene, 'reconciler', 'SIGKILL');
      await untilTakenOn(scene, read);
    },
  },
  { row: 'subscription: kill -9', strike: (scene) => restart(scene, 'subscription', 'SIGKILL') },
  { row: 'admin: kill -9', strike: (scene) => restart(scene, 'admin', 'SIGKILL') },
  { row: 'receiver: SIGTERM under load', strike: (scene) => restart(scene, 'receiver', 'SIGTERM') },
  { row: 'projector: SIGTERM under load', strike: (scene) => restart(scene, 'projector', 'SIGTERM') },
  { row: 'reconciler: SIGTERM', strike: (scene) => restart(scene, 'reconciler', 'SIGTERM') },
  {
    row: 'projector: stalls longer than its session',
    strike: (scene) => stall(scene, 'projector', () => last(scene.random.between(11_000, 13_000))),
  },
  {
    row: 'receiver: stalls',
    strike: (scene) => stall(scene, 'receiver', () => last(scene.random.between(2_000, 5_000))),
  },
  ...(['subscription', 'reconciler', 'admin'] as const).map((service) => ({
    row: `${service}: stalls`,
    strike: (scene: Scene) => stall(scene, service, () => last(scene.random.between(3_000, 8_000))),
  })),
  { row: 'receiver: away until Graph gives up', strike: awayUntilGivenUp },
  {
    row: 'Kafka: kill -9 and restart',
    strike: async (scene) => {
      await killServer(scene, 'kafka');
      await eventually(async () => (await notify(scene)).status === 202, {
        within: 120_000,
        every: 200,
        what: 'the receiver takes notifications again',
      });
    },
  },
  {
    row: 'Kafka: stalls; 503 within 2.5 s',
    strike: (scene) => stall(scene, 'kafka', () => assertRefusesInTime(scene)),
  },
  {
    row: 'MongoDB: kill -9 and restart',
    strike: async (scene) => {
      await killServer(scene, 'mongo');
      await eventually(() => scene.system.store.ping().then(() => true), {
        within: 60_000,
        every: 200,
        what: 'MongoDB answers again',
      });
    },
  },
  { row: 'MongoDB: stalls', strike: (scene) => stall(scene, 'mongo', () => last(scene.random.between(3_000, 8_000))) },
];
